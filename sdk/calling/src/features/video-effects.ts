/** Effects on the own picture. This version applies none, and says of each that it cannot. */
import type {
  VideoEffectName,
  VideoEffectsFeature,
  VideoEffectsFeatureEvents,
} from "../api/effects.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";

/** The effects of one local video stream. */
export class VideoEffectsObject
  extends Emitter<VideoEffectsFeatureEvents>
  implements VideoEffectsFeature
{
  readonly name = "VideoEffects";

  get activeEffects(): VideoEffectName[] {
    return [];
  }

  async isSupported(): Promise<boolean> {
    return false;
  }

  async startEffects(): Promise<void> {
    throw raise(FAILURES.featureNotSupported, "This version applies no effects.");
  }

  /** There is nothing to stop. */
  async stopEffects(): Promise<void> {}
}
