/** The cameras, microphones and speakers of this machine, and which of them are chosen. */
import type {
  AudioDeviceInfo,
  CallClient,
  DeviceAccess,
  DeviceManager,
  VideoDeviceInfo,
} from "@openrooms/calling";
import type { DeviceTrouble } from "../shared/troubles.js";
import { type Choices, DEFAULT_CHOICES } from "./memory.js";

/** Devices as they are now; told anew with each change. */
export class Devices {
  cameras: readonly VideoDeviceInfo[] = [];
  microphones: readonly AudioDeviceInfo[] = [];
  speakers: readonly AudioDeviceInfo[] = [];
  cameraTrouble: DeviceTrouble | undefined;
  microphoneTrouble: DeviceTrouble | undefined;
  private _cameraId: string | undefined;
  private readonly _listeners = new Set<() => void>();

  constructor(private readonly _manager: DeviceManager) {}

  /** The devices of a client, watched from now on. */
  static async of(client: CallClient): Promise<Devices> {
    const devices = new Devices(await client.getDeviceManager());
    devices._watch();
    return devices;
  }

  get camera(): VideoDeviceInfo | undefined {
    return this.cameras.find((camera) => camera.id === this._cameraId) ?? this.cameras[0];
  }

  get microphone(): AudioDeviceInfo | undefined {
    return this._manager.selectedMicrophone ?? this.microphones[0];
  }

  get speaker(): AudioDeviceInfo | undefined {
    return this._manager.selectedSpeaker ?? this.speakers[0];
  }

  /** The ids of the devices in use, as far as they are known. */
  get chosen(): Pick<Choices, "cameraId" | "microphoneId" | "speakerId"> {
    return {
      ...(this.camera && { cameraId: this.camera.id }),
      ...(this.microphone && { microphoneId: this.microphone.id }),
      ...(this.speaker && { speakerId: this.speaker.id }),
    };
  }

  /** Ask the person for camera and microphone, and learn what is there. */
  async ask(choices: Choices): Promise<void> {
    const access = await this._permission();
    this.cameraTrouble = access.video ? undefined : await troubleWith("camera", "videoinput");
    this.microphoneTrouble = access.audio
      ? undefined
      : await troubleWith("microphone", "audioinput");
    await this._list();
    if (access.video && this.cameras.length === 0) this.cameraTrouble = "missing";
    if (access.audio && this.microphones.length === 0) this.microphoneTrouble = "missing";
    this._cameraId ??= choices.cameraId;
    if (choices.microphoneId !== undefined) await this.chooseMicrophone(choices.microphoneId);
    if (choices.speakerId !== undefined) await this.chooseSpeaker(choices.speakerId);
    this._tell();
  }

  /** Ask once more, when something was missing the first time. */
  async askAgain(): Promise<void> {
    await this.ask(DEFAULT_CHOICES);
  }

  chooseCamera(id: string): void {
    this._cameraId = id;
    this._tell();
  }

  /** Speak through this microphone; one that does not open leaves the old one in use. */
  async chooseMicrophone(id: string): Promise<void> {
    const chosen = this.microphones.find((microphone) => microphone.id === id);
    if (chosen !== undefined) await this._try(() => this._manager.selectMicrophone(chosen));
  }

  /** Hear through this speaker; one that does not open leaves the old one in use. */
  async chooseSpeaker(id: string): Promise<void> {
    const chosen = this.speakers.find((speaker) => speaker.id === id);
    if (chosen !== undefined) await this._try(() => this._manager.selectSpeaker(chosen));
  }

  /** Be told of every change; the answer ends it. */
  onChange(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  private _watch(): void {
    const listed = (): void => void this._list().then(() => this._tell());
    const chosen = (): void => this._tell();
    this._manager.on("videoDevicesUpdated", listed);
    this._manager.on("audioDevicesUpdated", listed);
    this._manager.on("selectedMicrophoneChanged", chosen);
    this._manager.on("selectedSpeakerChanged", chosen);
  }

  private async _list(): Promise<void> {
    this.cameras = (await this._manager.getCameras()).filter((camera) => camera.name !== "");
    this.microphones = (await this._manager.getMicrophones()).filter((one) => one.name !== "");
    // Safari and Android let nobody choose the speaker.
    this.speakers = this._manager.isSpeakerSelectionAvailable
      ? await this._manager.getSpeakers()
      : [];
    if (this.cameras.length > 0 && this.cameraTrouble === "missing") this.cameraTrouble = undefined;
    if (this.microphones.length > 0 && this.microphoneTrouble === "missing")
      this.microphoneTrouble = undefined;
  }

  private async _permission(): Promise<DeviceAccess> {
    try {
      return await this._manager.askDevicePermission({ audio: true, video: true });
    } catch {
      // The browser could not even ask: the same as a refusal.
      return { audio: false, video: false };
    }
  }

  private async _try(choose: () => Promise<void>): Promise<void> {
    try {
      await choose();
    } catch {
      // The lists go back to the device that is still in use.
      this._tell();
    }
  }

  private _tell(): void {
    for (const listener of this._listeners) listener();
  }
}

/** Why a device was not given: the SDK only says that it was not. */
async function troubleWith(
  name: "camera" | "microphone",
  kind: MediaDeviceKind,
): Promise<DeviceTrouble> {
  const present = await navigator.mediaDevices.enumerateDevices();
  if (!present.some((device) => device.kind === kind)) return "missing";
  try {
    const permission = await navigator.permissions.query({ name });
    return permission.state === "granted" ? "busy" : "denied";
  } catch {
    // This browser does not tell; a refusal is the usual reason.
    return "denied";
  }
}
