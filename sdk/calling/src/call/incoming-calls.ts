/** All calls that ring at one agent. */
import type { Cancel, Clock } from "../kernel/clock.js";
import type { Ring, Verdict } from "../signalling/messages.js";
import { CANCELLED } from "./end-reason.js";
import { type Answering, IncomingCallObject } from "./incoming-call.js";

/** After each hello the server tells again what rings; so long it may take. */
const TELLING_MS = 5_000;

/** Keeps the calls that ring, by the own endpoint that each would get. */
export class IncomingCalls {
  private readonly _ringing = new Map<string, IncomingCallObject>();
  private _untold: ReadonlySet<string> = new Set();
  private _stop: Cancel = () => undefined;

  constructor(
    private readonly _clock: Clock,
    private readonly _answering: Answering,
  ) {}

  /** It rings. Gives the call when it is new. */
  ring(ring: Ring): IncomingCallObject | undefined {
    const { participantId } = ring;
    this._untold = new Set([...this._untold].filter((one) => one !== participantId));
    const known = this._ringing.get(participantId);
    known?.hear(ring);
    if (known !== undefined) return undefined;
    const call = new IncomingCallObject(ring, this._answering);
    this._ringing.set(participantId, call);
    return call;
  }

  /** It rings no more. */
  end(participantId: string, why: Verdict): void {
    const call = this._ringing.get(participantId);
    this._ringing.delete(participantId);
    call?.end(why);
  }

  /** The person has answered. */
  forget(participantId: string): void {
    this._ringing.delete(participantId);
  }

  /** The agent is in touch again: what the server does not name soon has stopped meanwhile. */
  recall(): void {
    this._stop();
    this._untold = new Set(this._ringing.keys());
    if (this._untold.size === 0) return;
    this._stop = this._clock.after(TELLING_MS, () => {
      for (const participantId of this._untold) this.end(participantId, CANCELLED);
    });
  }

  /** The agent is over. */
  close(why: Verdict): void {
    this._stop();
    for (const participantId of [...this._ringing.keys()]) this.end(participantId, why);
  }
}
