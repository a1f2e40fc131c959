/** How long to wait before trying again. */
import type { Chance } from "./chance.js";

/** Growing waits with a spread, so that many clients do not come back at one instant. */
export class Backoff {
  private _tries = 0;

  constructor(
    private readonly _steps: readonly number[],
    private readonly _chance: Chance,
  ) {}

  /** The next wait in milliseconds: the step, half to one and a half of it. */
  next(): number {
    const step = this._steps[Math.min(this._tries, this._steps.length - 1)] ?? 0;
    this._tries += 1;
    return Math.round(step * (0.5 + this._chance()));
  }

  /** Begin anew: what was tried has worked. */
  reset(): void {
    this._tries = 0;
  }
}
