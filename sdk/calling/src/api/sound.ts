/** Sound of a call: what the others say, and how loud something is. */

import type { CommunicationServicesError } from "../kernel/errors.js";
import type {
  DeepNoiseSuppressionEffect,
  EchoCancellationEffect,
  EchoCancellationEffectName,
  NoiseSuppressionEffectName,
} from "./audio-effects.js";
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
  readonly echoCancellation?: EchoCancellationEffect | "BrowserEchoCancellation";
  readonly noiseSuppression?: DeepNoiseSuppressionEffect | "BrowserNoiseSuppression";
}

/** Effects to stop. */
export interface AudioEffectsStopConfig {
  readonly echoCancellation?: boolean;
  readonly noiseSuppression?: boolean;
}

/** The names of the effects that are on. */
export interface ActiveAudioEffects {
  readonly echoCancellation: EchoCancellationEffectName[];
  readonly noiseSuppression: NoiseSuppressionEffectName[];
}

/** The events of audio effects. */
export interface AudioEffectsFeatureEvents {
  effectsStarted: [effects: ActiveAudioEffects];
  effectsStopped: [effects: ActiveAudioEffects];
  effectsError: [error: CommunicationServicesError];
}

/** An extra of a local audio stream. */
export interface AudioStreamFeature {
  readonly name: string;
}

/** Names an extra of a local audio stream; found in `Features`. */
export interface AudioStreamFeatureFactory<F extends AudioStreamFeature> {
  readonly localAudioStreamFeatureName: string;
  /** Only tells the compiler which feature it is; has no value. */
  readonly feature?: F;
}

/** Effects on the own voice. */
export interface AudioEffectsFeature
  extends AudioStreamFeature,
    Subscribable<AudioEffectsFeatureEvents> {
  readonly name: "AudioEffects";
  readonly activeEffects: ActiveAudioEffects;
  isSupported(effect: unknown): Promise<boolean>;
  startEffects(effects: AudioEffectsStartConfig): Promise<void>;
  stopEffects(effects: AudioEffectsStopConfig): Promise<void>;
}

/** What a local audio stream is made from. */
export type AudioSource = AudioDeviceInfo | MediaStream;
