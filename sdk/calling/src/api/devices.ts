/** Cameras, microphones and speakers. */
import type { CollectionUpdate, Subscribable } from "./events.js";

/** What kind of camera it is, as far as browsers tell. */
export type VideoDeviceType =
  | "Unknown"
  | "UsbCamera"
  | "CaptureAdapter"
  | "Virtual"
  | "ScreenSharing";

/** What kind of audio device it is. */
export type AudioDeviceType = "Microphone" | "Speaker" | "CompositeAudioDevice" | "Virtual";

/** A camera. */
export interface VideoDeviceInfo {
  /** The name that the system shows. */
  readonly name: string;
  readonly id: string;
  readonly deviceType: VideoDeviceType;
}

/** A microphone or a speaker. */
export interface AudioDeviceInfo {
  /** The name that the system shows. */
  readonly name: string;
  readonly id: string;
  /** Whether it stands for "whatever the system's default is". */
  readonly isSystemDefault: boolean;
  readonly deviceType: AudioDeviceType;
}

/** What to ask permission for. */
export interface PermissionConstraints {
  audio?: boolean | undefined;
  video?: boolean | undefined;
}

/** What the person granted. */
export interface DeviceAccess {
  audio: boolean;
  video: boolean;
}

/** Devices to keep ready. */
export interface StartPreheatDeviceParameters {
  audio?: { preheat: boolean; timeoutInSec?: number | undefined } | undefined;
  video?: { preheat: boolean; timeoutInSec?: number | undefined } | undefined;
}

/** Devices to keep ready no more. */
export interface StopPreheatDeviceParameters {
  audio?: boolean | undefined;
  video?: boolean | undefined;
}

/** The events of a device manager. */
export interface DeviceManagerEvents {
  videoDevicesUpdated: [update: CollectionUpdate<VideoDeviceInfo>];
  audioDevicesUpdated: [update: CollectionUpdate<AudioDeviceInfo>];
  selectedMicrophoneChanged: [];
  selectedSpeakerChanged: [];
}

/** Lists devices, asks for permission, and chooses the microphone and speaker of all calls. */
export interface DeviceManager extends Subscribable<DeviceManagerEvents> {
  /** Whether this browser lets a page choose the speaker. */
  readonly isSpeakerSelectionAvailable: boolean;
  /** The microphone in use; undefined until devices are known. */
  readonly selectedMicrophone?: AudioDeviceInfo | undefined;
  /** The speaker in use; undefined until devices are known or where none can be chosen. */
  readonly selectedSpeaker?: AudioDeviceInfo | undefined;
  /** The cameras. Empty until the person has granted access to one. */
  getCameras(): Promise<VideoDeviceInfo[]>;
  /** The microphones. Empty until the person has granted access to one. */
  getMicrophones(): Promise<AudioDeviceInfo[]>;
  /** The speakers. Rejects with 405/40606 where the browser cannot list them. */
  getSpeakers(): Promise<AudioDeviceInfo[]>;
  /** Use this microphone from now on, in running calls too. */
  selectMicrophone(microphone: AudioDeviceInfo): Promise<void>;
  /** Use this speaker from now on, in running calls too. */
  selectSpeaker(speaker: AudioDeviceInfo): Promise<void>;
  /** Let the browser ask the person. Resolves with what was granted; devices are closed at once. */
  askDevicePermission(constraints: PermissionConstraints): Promise<DeviceAccess>;
  /** Does nothing: a device that is open shows as in use, so each opens when it is needed. */
  startPreheatDevices(options: StartPreheatDeviceParameters): Promise<void>;
  /** Does nothing, either. */
  stopPreheatDevices(options: StopPreheatDeviceParameters): Promise<void>;
}
