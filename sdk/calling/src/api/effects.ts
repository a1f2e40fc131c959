/** Effects on the own picture. */
import type { Subscribable } from "./events.js";

/** The name of an effect. */
export type VideoEffectName = "BackgroundBlur" | "BackgroundReplacement";

/** An effect, as the effects package makes it. */
export interface VideoEffectProcessor {
  readonly name: VideoEffectName;
}

/** From when on an effect counts as slow. */
export interface VideoEffectConfig {
  effectInitTimeThresholdInMs?: number | undefined;
  fpsWarningThreshold?: number | undefined;
}

/** How what is behind a person is blurred. `intensity`: from 0 to 1. */
export interface BackgroundBlurConfig extends VideoEffectConfig {
  intensity?: number | undefined;
}

/** What to show behind a person. */
export interface BackgroundReplacementConfig extends VideoEffectConfig {
  backgroundImageUrl: string;
}

/** An effect that tells whether it works here. */
export interface VideoEffect {
  readonly name: VideoEffectName;
  isSupported(): Promise<boolean>;
}

/** Blurs what is behind a person. */
export interface BackgroundBlurEffect extends VideoEffect {
  configure(config: BackgroundBlurConfig): Promise<void>;
}

/** Shows something else behind a person. */
export interface BackgroundReplacementEffect extends VideoEffect {
  configure(config: BackgroundReplacementConfig): Promise<void>;
}

/** The events of video effects. */
export interface VideoEffectsFeatureEvents {
  effectsStarted: [effects: VideoEffectName[]];
  effectsStopped: [effects: VideoEffectName[]];
  /** An effect makes pictures slowly. */
  fpsWarningThresholdReached: [effects: VideoEffectName[]];
  /** An effect takes long to start. */
  timeForEffectsWarningReached: [effects: VideoEffectName[]];
  effectsError: [error: VideoEffectsErrorPayload];
}

/** What went wrong with an effect. */
export interface VideoEffectsErrorPayload {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
}

/** An extra of a local video stream. */
export interface VideoStreamFeature {
  readonly name: string;
}

/** Names an extra of a local video stream; found in `Features`. */
export interface VideoStreamFeatureFactory<F extends VideoStreamFeature> {
  readonly localVideoStreamFeatureName: string;
  /** Only tells the compiler which feature it is; has no value. */
  readonly feature?: F;
}

/** Effects on the own picture. */
export interface VideoEffectsFeature
  extends VideoStreamFeature,
    Subscribable<VideoEffectsFeatureEvents> {
  readonly name: "VideoEffects";
  readonly activeEffects: VideoEffectName[];
  isSupported(effect: VideoEffectProcessor): Promise<boolean>;
  startEffects(effect: VideoEffectProcessor): Promise<void>;
  stopEffects(): Promise<void>;
}
