/** Hands that are up. */

import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  RaisedHand,
  RaiseHandCallFeature,
  RaiseHandCallFeatureEvents,
} from "../api/gestures.js";
import { Emitter } from "../kernel/emitter.js";
import { userOf } from "../kernel/identifiers.js";
import { type Asking, rawIdsOf } from "./asking.js";

/** The raised hands of one call. */
export class RaiseHandObject
  extends Emitter<RaiseHandCallFeatureEvents>
  implements RaiseHandCallFeature
{
  readonly name = "RaiseHand";
  private _hands: readonly string[] = [];

  constructor(private readonly _asking: Asking) {
    super();
  }

  async raiseHand(): Promise<void> {
    await this._asking.ask("raiseHand", {});
  }

  async lowerHand(): Promise<void> {
    await this._asking.ask("lowerHands", { rawIds: [this._asking.ownId()] });
  }

  async lowerHands(participants: CommunicationIdentifier[]): Promise<void> {
    await this._asking.ask("lowerHands", { rawIds: rawIdsOf(participants) });
  }

  async lowerAllHands(): Promise<void> {
    await this._asking.ask("lowerHands", { rawIds: null });
  }

  getRaisedHands(): RaisedHand[] {
    return this._hands.map((rawId, at) => ({ identifier: userOf(rawId), order: at + 1 }));
  }

  /** These are up now. */
  update(hands: readonly string[]): void {
    const before = this._hands;
    this._hands = hands;
    for (const rawId of before.filter((one) => !hands.includes(one)))
      this.emit("loweredHandEvent", { identifier: userOf(rawId) });
    for (const rawId of hands.filter((one) => !before.includes(one)))
      this.emit("raisedHandEvent", { identifier: userOf(rawId) });
  }
}
