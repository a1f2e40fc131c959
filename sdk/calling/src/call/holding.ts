/** A call on hold: by this side, or, between two, by the other. */
import { FAILURES, type Failure, raise } from "../kernel/errors.js";
import type { Log } from "../kernel/log.js";
import { Turns } from "../kernel/turns.js";
import type { Outgoing } from "../media/outgoing.js";
import type { LegState } from "../signalling/messages.js";
import type { CallObject } from "./call.js";
import type { Roster } from "./roster.js";

/** What holding needs from outside. */
export interface HoldingNeeds {
  readonly call: CallObject;
  readonly roster: Roster;
  readonly outgoing: Outgoing;
  readonly log: Log;
  readonly ask: (op: string, fields: object) => Promise<void>;
  /** Of an agent's calls one is active at a time: put the others on hold. */
  readonly holdOthers: () => Promise<void>;
}

/** Holds one call and goes on with it. */
export class Holding {
  private _isHeld = false;
  private _isBetweenTwo = false;
  private readonly _turns = new Turns();

  constructor(private readonly _needs: HoldingNeeds) {}

  /** Send and receive nothing until `resume`. What was on is on again then. */
  async hold(): Promise<void> {
    await this._turns.take(async () => {
      this._require();
      if (this._isHeld) return;
      // First off the wire by ourselves: what the engine takes away would stay away.
      await this._needs.outgoing.pause();
      await this._ask({ on: true, otherwise: FAILURES.holdFailed });
    });
  }

  /** Go on. */
  async resume(): Promise<void> {
    await this._turns.take(async () => {
      this._require();
      if (!this._isHeld) return;
      await this._needs.holdOthers();
      await this._ask({ on: false, otherwise: FAILURES.resumeFailed });
    });
  }

  /** A call that was started with one other is one between two, until a third comes. */
  begin({ betweenTwo }: { readonly betweenTwo: boolean }): void {
    this._isBetweenTwo = betweenTwo;
  }

  /** So the server has it: the answer to what was asked may have been lost with the connection. */
  learn(state: LegState): void {
    if (state === "hold") this._set({ held: true });
    else if (state === "connected") this._set({ held: false });
  }

  /** Somebody came, went, or holds. */
  show(): void {
    const { participants } = this._needs.roster;
    if (participants.length > 1) this._isBetweenTwo = false;
    const byOther = this._isBetweenTwo && participants[0]?.state === "Hold";
    if (this._isHeld) this._needs.call.holdAs("LocalHold");
    else this._needs.call.holdAs(byOther ? "RemoteHold" : "Connected");
  }

  private async _ask(wish: { readonly on: boolean; readonly otherwise: Failure }): Promise<void> {
    const { ask, log } = this._needs;
    try {
      await ask("hold", { on: wish.on });
    } catch (error) {
      log.warning("the call could not be held or resumed", error);
      this._set({ held: !wish.on });
      throw raise(wish.otherwise);
    }
    this._set({ held: wish.on });
  }

  private _set({ held }: { readonly held: boolean }): void {
    this._isHeld = held;
    const { outgoing } = this._needs;
    // Whoever resumed need not wait for devices; what the engine refuses, the call learns.
    void (held ? outgoing.pause() : outgoing.resume());
    this.show();
  }

  private _require(): void {
    if (!this._needs.call.isUp) throw raise(FAILURES.notConnected);
  }
}
