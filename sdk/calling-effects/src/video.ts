/** Effects on a camera's picture. None can be carried out: each says so when it is asked. */

/** Which effect it is. */
export type VideoEffectName = "BackgroundBlur" | "BackgroundReplacement";

/** What a stream's `VideoEffects` feature takes. */
export interface VideoEffectProcessor {
  readonly name: VideoEffectName;
  /** Whether it can be carried out in this browser. */
  isSupported(): Promise<boolean>;
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

/** What is shown behind a person. */
export interface BackgroundReplacementConfig extends VideoEffectConfig {
  /** Where the picture lies. It is not loaded before the effect starts. */
  backgroundImageUrl: string;
}

/** Blurs what is behind a person. */
export class BackgroundBlurEffect implements VideoEffectProcessor {
  readonly name = "BackgroundBlur";
  private _config: BackgroundBlurConfig;

  constructor(config: BackgroundBlurConfig = {}) {
    this._config = { ...config };
  }

  /** How the app wants it. */
  get config(): BackgroundBlurConfig {
    return { ...this._config };
  }

  /** False: nothing here tells a person from what is behind him. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Blur in another way. */
  configure(config: BackgroundBlurConfig): Promise<void> {
    this._config = { ...config };
    return Promise.resolve();
  }
}

/** Shows a picture in the place of what is behind a person. */
export class BackgroundReplacementEffect implements VideoEffectProcessor {
  readonly name = "BackgroundReplacement";
  private _config: BackgroundReplacementConfig;

  constructor(config: BackgroundReplacementConfig) {
    this._config = { ...config };
  }

  /** Which picture the app asked for. */
  get config(): BackgroundReplacementConfig {
    return { ...this._config };
  }

  /** False: nothing here tells a person from what is behind him. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Choose another picture. */
  configure(config: BackgroundReplacementConfig): Promise<void> {
    this._config = { ...config };
    return Promise.resolve();
  }
}
