/** A call that rings here. */
import type { IncomingCall, IncomingCallEvents } from "../api/agent.js";
import type { Call, CallEndReason, CallerInfo, CallInfo, JoinCallOptions } from "../api/call.js";
import type { CustomContext } from "../api/phones.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { identifierOf } from "../kernel/identifiers.js";
import type { Ring, Verdict } from "../signalling/messages.js";
import { CallInfoObject } from "./call-info.js";
import { DECLINED, endReason } from "./end-reason.js";

/** What the person can do about a call that rings. */
export interface Answering {
  readonly accept: (ring: Ring, options: JoinCallOptions | undefined) => Promise<Call>;
  readonly reject: (ring: Ring) => Promise<void>;
}

/** Who calls, as apps read it. A new object each time: an app may freeze it. */
export function callerIn({ caller }: Ring): CallerInfo {
  const { rawId, displayName } = caller;
  return { identifier: identifierOf(rawId), displayName: displayName || undefined };
}

/** One call that rings, until it is accepted, declined, or over. */
export class IncomingCallObject extends Emitter<IncomingCallEvents> implements IncomingCall {
  readonly kind = "IncomingCall";
  readonly info: CallInfo;
  private _why: Verdict | undefined;
  private _isRinging = true;

  constructor(
    private _ring: Ring,
    private readonly _answering: Answering,
  ) {
    super();
    const ids = new CallInfoObject({});
    ids.admit(_ring.call, _ring.participantId);
    this.info = ids;
  }

  /** The id that the call has once it is accepted. */
  get id(): string {
    return this._ring.call.callId;
  }

  get callerInfo(): CallerInfo {
    return callerIn(this._ring);
  }

  /** A new object each time: an app may freeze it. */
  get customContext(): CustomContext | undefined {
    return structuredClone(this._ring.context);
  }

  get callEndReason(): CallEndReason | undefined {
    return this._why && endReason(this._why);
  }

  async accept(options?: JoinCallOptions): Promise<Call> {
    if (!this._isRinging) throw raise(FAILURES.notRinging);
    this._isRinging = false;
    return this._answering.accept(this._ring, options);
  }

  async reject(): Promise<void> {
    if (!this._isRinging) throw raise(FAILURES.notRejectable);
    this._isRinging = false;
    await this._answering.reject(this._ring);
    this._close(DECLINED);
  }

  /** It is told again, and the caller may have another name by now. */
  hear(ring: Ring): void {
    const before = this._ring.caller;
    this._ring = ring;
    const { rawId, displayName } = ring.caller;
    const same = rawId === before.rawId && displayName === before.displayName;
    if (!same) this.emit("callerInfoChanged");
  }

  /** It rings no more, for a reason that is not the person's. */
  end(why: Verdict): void {
    if (!this._isRinging) return;
    this._isRinging = false;
    this._close(why);
  }

  private _close(why: Verdict): void {
    this._why = why;
    this.emit("callEnded", { callEndReason: endReason(why) });
  }
}
