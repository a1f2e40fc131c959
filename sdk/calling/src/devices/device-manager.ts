/** The one device manager of a client. */
import type {
  AudioDeviceInfo,
  DeviceAccess,
  DeviceManager,
  DeviceManagerEvents,
  PermissionConstraints,
  VideoDeviceInfo,
} from "../api/devices.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { Log } from "../kernel/log.js";
import type { Forget } from "../kernel/page.js";
import type { MicrophoneChoice } from "../streams/local-audio-stream.js";
import { type DeviceKind, deviceIdIn } from "./device-ids.js";
import {
  canChooseSpeaker,
  type Devices,
  difference,
  listDevices,
  NO_DEVICES,
} from "./device-list.js";
import { askPermission } from "./permission.js";

type AudioKind = Exclude<DeviceKind, "camera">;

/** Lists devices, notices when they come and go, remembers what was chosen. */
export class DeviceManagerObject extends Emitter<DeviceManagerEvents> implements DeviceManager {
  private _known: Devices = NO_DEVICES;
  private readonly _chosen: Record<AudioKind, AudioDeviceInfo | undefined>;
  private readonly _used: Record<AudioKind, AudioDeviceInfo | undefined>;
  private readonly _onDeviceChange: () => void;
  private readonly _lookers = new Set<() => void>();

  constructor(private readonly _log: Log) {
    super();
    this._chosen = { microphone: undefined, speaker: undefined };
    this._used = { microphone: undefined, speaker: undefined };
    this._onDeviceChange = () => void this._look();
    mediaDevices()?.addEventListener?.("devicechange", this._onDeviceChange);
  }

  /** A manager that knows the devices which are there already. */
  static async create(log: Log): Promise<DeviceManagerObject> {
    const manager = new DeviceManagerObject(log);
    manager._adopt(await manager._list());
    return manager;
  }

  get isSpeakerSelectionAvailable(): boolean {
    return canChooseSpeaker();
  }

  get selectedMicrophone(): AudioDeviceInfo | undefined {
    return copyOf(this._used.microphone);
  }

  get selectedSpeaker(): AudioDeviceInfo | undefined {
    return copyOf(this._used.speaker);
  }

  async getCameras(): Promise<VideoDeviceInfo[]> {
    return (await this._look()).cameras.map((one) => ({ ...one }));
  }

  async getMicrophones(): Promise<AudioDeviceInfo[]> {
    return (await this._look()).microphones.map((one) => ({ ...one }));
  }

  async getSpeakers(): Promise<AudioDeviceInfo[]> {
    if (!this.isSpeakerSelectionAvailable) throw raise(FAILURES.speakersUnsupported);
    return (await this._look()).speakers.map((one) => ({ ...one }));
  }

  async selectMicrophone(microphone: AudioDeviceInfo): Promise<void> {
    await this._select("microphone", microphone);
  }

  async selectSpeaker(speaker: AudioDeviceInfo): Promise<void> {
    if (!this.isSpeakerSelectionAvailable) throw raise(FAILURES.speakersUnsupported);
    await this._select("speaker", speaker);
  }

  async askDevicePermission(constraints: PermissionConstraints): Promise<DeviceAccess> {
    const access = await askPermission(constraints);
    if (access.audio || access.video) await this._look();
    return access;
  }

  async startPreheatDevices(): Promise<void> {}

  async stopPreheatDevices(): Promise<void> {}

  /** The browser's id of the chosen device; undefined while the system's default is good. */
  chosenId(kind: AudioKind): string | undefined {
    const chosen = this._chosen[kind];
    return chosen && deviceIdIn(kind, chosen.id);
  }

  /** The microphone to open when the app names none. */
  get microphone(): MicrophoneChoice {
    return { deviceId: this.chosenId("microphone"), info: this.selectedMicrophone };
  }

  /** What this machine is known to have none of. */
  get missing(): readonly DeviceKind[] {
    return this._known.missing;
  }

  /** Call `listener` after every look at the devices. */
  onLook(listener: () => void): Forget {
    this._lookers.add(listener);
    return () => void this._lookers.delete(listener);
  }

  /** Stop watching. */
  dispose(): void {
    mediaDevices()?.removeEventListener?.("devicechange", this._onDeviceChange);
  }

  private async _select(kind: AudioKind, device: AudioDeviceInfo): Promise<void> {
    const known = kind === "microphone" ? this._known.microphones : this._known.speakers;
    const chosen = known.find(({ id }) => id === device?.id);
    if (chosen === undefined) throw raise(FAILURES.badDevice);
    this._chosen[kind] = chosen;
    this._use(kind, known);
  }

  private async _list(): Promise<Devices> {
    return listDevices().catch((error: unknown) => {
      this._log.warning("the devices could not be listed", error);
      return this._known;
    });
  }

  /** Look at the devices again, and tell what came and went. */
  private async _look(): Promise<Devices> {
    const now = await this._list();
    const before = this._known;
    this._adopt(now);
    const videos = difference(before.cameras, now.cameras);
    const audios = difference(
      [...before.microphones, ...before.speakers],
      [...now.microphones, ...now.speakers],
    );
    if (videos.added.length + videos.removed.length > 0) this.emit("videoDevicesUpdated", videos);
    if (audios.added.length + audios.removed.length > 0) this.emit("audioDevicesUpdated", audios);
    return now;
  }

  private _adopt(now: Devices): void {
    this._known = now;
    this._use("microphone", now.microphones);
    this._use("speaker", now.speakers);
    for (const listener of [...this._lookers]) listener();
  }

  /** The chosen device while it is there, else the system's default, else the first. */
  private _use(kind: AudioKind, known: readonly AudioDeviceInfo[]): void {
    const chosen = known.find(({ id }) => id === this._chosen[kind]?.id);
    if (chosen === undefined) this._chosen[kind] = undefined;
    const used = chosen ?? known.find((one) => one.isSystemDefault) ?? known[0];
    if (used?.id === this._used[kind]?.id) return;
    this._used[kind] = used;
    this.emit(kind === "microphone" ? "selectedMicrophoneChanged" : "selectedSpeakerChanged");
  }
}

function copyOf<T extends object>(one: T | undefined): T | undefined {
  return one && { ...one };
}

function mediaDevices(): MediaDevices | undefined {
  if (typeof navigator === "undefined") return undefined;
  return navigator.mediaDevices as MediaDevices | undefined;
}
