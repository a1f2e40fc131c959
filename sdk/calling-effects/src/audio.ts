/** Effects on a microphone's sound beside those of the browser. None can be carried out. */

/** Which effect it is. */
export type AudioEffectName = "DeepNoiseSuppression" | "EchoCancellation" | "VoiceIsolation";

/** What a stream's `AudioEffects` feature takes. */
export interface AudioEffect {
  readonly name: AudioEffectName;
  /** Whether it can be carried out in this browser. */
  isSupported(): Promise<boolean>;
}

/** Takes noise out with a trained model. */
export class DeepNoiseSuppressionEffect implements AudioEffect {
  readonly name = "DeepNoiseSuppression";

  /** False: the browser's own noise suppression is all there is, and always on. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** Takes out what comes back from the loudspeaker. */
export class EchoCancellationEffect implements AudioEffect {
  readonly name = "EchoCancellation";

  /** False: the browser's own echo cancellation is all there is, and always on. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** Leaves one speaker's voice and takes out those of others. */
export class VoiceIsolationEffect implements AudioEffect {
  readonly name = "VoiceIsolation";

  /** False: nothing here tells one voice from another. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
