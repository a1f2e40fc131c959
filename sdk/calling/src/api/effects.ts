/** Effects on the own picture. */
import type { Subscribable } from "./events.js";

/** The name of an effect. */
export type VideoEffectName = string;

/** An effect, as the effects package makes it. */
export interface VideoEffectProcessor {
  readonly name: VideoEffectName;
}

/** The events of video effects. */
export interface VideoEffectsFeatureEvents {
  effectsStarted: [effects: readonly VideoEffectName[]];
  effectsStopped: [effects: readonly VideoEffectName[]];
  effectsError: [error: VideoEffectsErrorPayload];
}

/** What went wrong with an effect. */
export interface VideoEffectsErrorPayload {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
}

/** An extra of a local video stream. */
export interface LocalVideoStreamFeature {
  readonly name: string;
}

/** Names an extra of a local video stream; found in `Features`. */
export interface LocalVideoStreamFeatureFactory<F extends LocalVideoStreamFeature> {
  readonly localVideoStreamFeatureName: string;
  /** Only tells the compiler which feature it is; has no value. */
  readonly feature?: F;
}

/** Effects on the own picture. */
export interface VideoEffectsFeature
  extends LocalVideoStreamFeature,
    Subscribable<VideoEffectsFeatureEvents> {
  readonly name: "VideoEffects";
  readonly activeEffects: readonly VideoEffectName[];
  isSupported(effect: VideoEffectProcessor): Promise<boolean>;
  startEffects(effect: VideoEffectProcessor): Promise<void>;
  stopEffects(): Promise<void>;
}
