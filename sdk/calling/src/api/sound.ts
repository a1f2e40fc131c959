/** Sound of a call: what the others say, and how loud something is. */
import type { AudioDeviceInfo } from "./devices.js";
import type { Subscribable } from "./events.js";
import type { MediaStreamType } from "./streams.js";

/** The events of a volume. */
export interface VolumeEvents {
  levelChanged: [];
}

/** How loud something is. */
export interface Volume extends Subscribable<VolumeEvents> {
  /** From 0, silence, to 100. */
  readonly level: number;
}

/** What the others say, all of them together. It is played without the app's doing. */
export interface RemoteAudioStream {
  readonly mediaStreamType: MediaStreamType;
  /** The sound: one track for each who is heard, added and removed as they come and go. */
  getMediaStream(): Promise<MediaStream>;
  /** How loud it is. The same object each time. */
  getVolume(): Promise<Volume>;
}

/** Effects to start on the own voice. */
export interface AudioEffectsStartConfig {
  readonly autoGainControl?: unknown;
  readonly echoCancellation?: unknown;
  readonly noiseSuppression?: unknown;
}

/** Effects to stop. */
export interface AudioEffectsStopConfig {
  readonly autoGainControl?: boolean;
  readonly echoCancellation?: boolean;
  readonly noiseSuppression?: boolean;
}

/** The names of the effects that are on. */
export interface ActiveAudioEffects {
  readonly echoCancellation: readonly string[];
  readonly noiseSuppression: readonly string[];
}

/** What went wrong with an effect. */
export interface AudioEffectErrorPayload {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
}

/** The events of audio effects. */
export interface AudioEffectsFeatureEvents {
  effectsStarted: [effects: ActiveAudioEffects];
  effectsStopped: [effects: ActiveAudioEffects];
  effectsError: [error: AudioEffectErrorPayload];
}

/** An extra of a local audio stream. */
export interface LocalAudioStreamFeature {
  readonly name: string;
}

/** Names an extra of a local audio stream; found in `Features`. */
export interface LocalAudioStreamFeatureFactory<F extends LocalAudioStreamFeature> {
  readonly localAudioStreamFeatureName: string;
  /** Only tells the compiler which feature it is; has no value. */
  readonly feature?: F;
}

/** Effects on the own voice. */
export interface AudioEffectsFeature
  extends LocalAudioStreamFeature,
    Subscribable<AudioEffectsFeatureEvents> {
  readonly name: "AudioEffects";
  readonly activeEffects: ActiveAudioEffects;
  isSupported(effect: unknown): Promise<boolean>;
  startEffects(effects: AudioEffectsStartConfig): Promise<void>;
  stopEffects(effects: AudioEffectsStopConfig): Promise<void>;
}

/** What a local audio stream is made from. */
export type AudioSource = AudioDeviceInfo | MediaStream;
