/** Effects on the own sound. No stream of this version has any: the names that apps' types mention. */

/** What takes noise away: the browser, or the effects package. */
export type NoiseSuppressionEffectName = "BrowserNoiseSuppression" | "DeepNoiseSuppression";

/** What takes the echo of the speakers away: the browser, or the effects package. */
export type EchoCancellationEffectName = "BrowserEchoCancellation" | "EchoCancellation";

/** Takes noise away. */
export interface DeepNoiseSuppressionEffect {
  readonly name: NoiseSuppressionEffectName;
  isSupported(): Promise<boolean>;
}

/** Takes the echo of the speakers away. */
export interface EchoCancellationEffect {
  readonly name: EchoCancellationEffectName;
  isSupported(): Promise<boolean>;
}
