/** A clock that moves only when a test says so. */
import type { Cancel, Clock } from "../../src/kernel/clock.js";

interface Timer {
  readonly at: number;
  readonly delay: number;
  readonly then: () => void;
}

/** Time by hand. */
export class ManualClock implements Clock {
  private _now = 0;
  private _timers: Timer[] = [];
  private _watchers: (() => void)[] = [];

  /** Whether nobody waits for anything. */
  get isIdle(): boolean {
    return this._timers.length === 0;
  }

  now(): number {
    return this._now;
  }

  after(delay: number, then: () => void): Cancel {
    const timer = { at: this._now + delay, delay, then };
    this._timers.push(timer);
    for (const watcher of this._watchers.splice(0)) watcher();
    return () => {
      this._timers = this._timers.filter((one) => one !== timer);
    };
  }

  /** Move on; what is due in between happens in its order. */
  advance(milliseconds: number): void {
    const until = this._now + milliseconds;
    for (let due = this._next(until); due !== undefined; due = this._next(until)) {
      this._timers = this._timers.filter((one) => one !== due);
      this._now = Math.max(this._now, due.at);
      due.then();
    }
    this._now = until;
  }

  /** Move on, and let everything that follows from it happen. */
  async pass(milliseconds: number): Promise<void> {
    this.advance(milliseconds);
    await settled();
  }

  /** Whether somebody waits for so many milliseconds. */
  isAsked(milliseconds: number): boolean {
    return this._timers.some(({ delay }) => delay === milliseconds);
  }

  /** Wait until somebody waits for so many milliseconds, then let them pass. */
  async passWhenAsked(milliseconds: number): Promise<void> {
    while (!this.isAsked(milliseconds)) {
      await new Promise<void>((resolve) => this._watchers.push(resolve));
    }
    await this.pass(milliseconds);
  }

  /** Wait until nobody waits for so many milliseconds any more. */
  async cleared(milliseconds: number): Promise<void> {
    while (this.isAsked(milliseconds)) await settled();
  }

  private _next(until: number): Timer | undefined {
    const due = this._timers.filter(({ at }) => at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Everything that is ready to happen has happened: promises, and what they lead to. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
