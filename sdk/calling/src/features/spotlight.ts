/** Who is shown to everyone. */

import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  SpotlightCallFeature,
  SpotlightCallFeatureEvents,
  SpotlightedParticipant,
} from "../api/gestures.js";
import { Emitter } from "../kernel/emitter.js";
import { CommunicationServicesError } from "../kernel/errors.js";
import { identifierOf } from "../kernel/identifiers.js";
import { type Asking, rawIdsOf } from "./asking.js";

const MOST = 7;
const TOO_MANY = 45902;

/** The spotlights of one call. */
export class SpotlightObject
  extends Emitter<SpotlightCallFeatureEvents>
  implements SpotlightCallFeature
{
  readonly name = "Spotlight";
  readonly maxParticipantsToSpotlight = MOST;
  private _shown: readonly string[] = [];

  constructor(private readonly _asking: Asking) {
    super();
  }

  async startSpotlight(participants?: CommunicationIdentifier[]): Promise<void> {
    const rawIds = this._named(participants);
    await this._asking.ask("spotlight", { rawIds, on: true }).catch((error: unknown) => {
      if (!(error instanceof CommunicationServicesError) || error.subCode !== TOO_MANY) throw error;
      // Apps look for these words.
      const words = `startSpotlight failed. ${MOST} is the max number of participants that can be Spotlighted`;
      throw new CommunicationServicesError(error.code, error.subCode, words);
    });
  }

  async stopSpotlight(participants?: CommunicationIdentifier[]): Promise<void> {
    await this._asking.ask("spotlight", { rawIds: this._named(participants), on: false });
  }

  async stopAllSpotlight(): Promise<void> {
    await this._asking.ask("spotlight", { rawIds: null, on: false });
  }

  getSpotlightedParticipants(): SpotlightedParticipant[] {
    return listed(this._shown);
  }

  /** These are shown now. */
  update(shown: readonly string[]): void {
    const before = this._shown;
    this._shown = shown;
    const added = listed(shown).filter((_, at) => !before.includes(shown[at] ?? ""));
    const removed = listed(before).filter((_, at) => !shown.includes(before[at] ?? ""));
    if (added.length + removed.length > 0) this.emit("spotlightChanged", { added, removed });
  }

  private _named(participants: CommunicationIdentifier[] | undefined): string[] {
    return participants === undefined ? [this._asking.ownId()] : rawIdsOf(participants);
  }
}

function listed(rawIds: readonly string[]): SpotlightedParticipant[] {
  return rawIds.map((rawId, at) => ({ identifier: identifierOf(rawId), order: at + 1 }));
}
