/** No server of this version makes captions: they are never active, and asking for them says so. */
import type {
  Captions,
  CaptionsCallFeature,
  CaptionsCallFeatureEvents,
  CaptionsEvents,
} from "../api/captions.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";

class NoCaptions extends Emitter<CaptionsEvents> implements Captions {
  readonly kind = "Captions";
  readonly isCaptionsFeatureActive = false;
  readonly activeSpokenLanguage = "";

  get supportedSpokenLanguages(): string[] {
    return [];
  }

  async startCaptions(): Promise<void> {
    throw raise(FAILURES.featureNotSupported, "This server makes no captions.");
  }

  /** There is nothing to stop. */
  async stopCaptions(): Promise<void> {}

  async setSpokenLanguage(): Promise<void> {
    throw raise(FAILURES.featureNotSupported, "This server makes no captions.");
  }
}

/** The captions of one call. */
export class CaptionsObject
  extends Emitter<CaptionsCallFeatureEvents>
  implements CaptionsCallFeature
{
  readonly name = "Captions";
  readonly captions: Captions = new NoCaptions();
}
