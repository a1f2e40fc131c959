/** The public surface of the package: the effects by the names that apps import. */
export {
  type AudioEffect,
  type AudioEffectName,
  DeepNoiseSuppressionEffect,
  EchoCancellationEffect,
  VoiceIsolationEffect,
} from "./audio.js";
export {
  type BackgroundBlurConfig,
  BackgroundBlurEffect,
  type BackgroundReplacementConfig,
  BackgroundReplacementEffect,
  type VideoEffectConfig,
  type VideoEffectName,
  type VideoEffectProcessor,
} from "./video.js";
