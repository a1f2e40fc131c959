/** Effects on the own voice. This version applies none, and says of each that it cannot. */
import type {
  ActiveAudioEffects,
  AudioEffectsFeature,
  AudioEffectsFeatureEvents,
} from "../api/sound.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";

/** The effects of one local audio stream. */
export class AudioEffectsObject
  extends Emitter<AudioEffectsFeatureEvents>
  implements AudioEffectsFeature
{
  readonly name = "AudioEffects";

  get activeEffects(): ActiveAudioEffects {
    return { echoCancellation: [], noiseSuppression: [] };
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
