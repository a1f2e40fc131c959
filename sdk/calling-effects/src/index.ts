/** The public surface of the package: the effects by the names that apps import. */
export {
  type AudioEffect,
  type AudioEffectName,
  DeepNoiseSuppressionEffect,
  EchoCancellationEffect,
  VoiceIsolationEffect,
} from "./audio.js";
export {
  BackgroundBlurEffect,
  type BackgroundReplacementConfig,
  BackgroundReplacementEffect,
  type VideoEffectName,
  type VideoEffectProcessor,
} from "./video.js";
