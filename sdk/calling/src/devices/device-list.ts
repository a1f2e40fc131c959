/** What devices there are, as the browser tells it now. */
import type { AudioDeviceInfo, VideoDeviceInfo } from "../api/devices.js";
import { type DeviceKind, idFor } from "./device-ids.js";

/** Every device. */
export interface Devices {
  readonly cameras: readonly VideoDeviceInfo[];
  readonly microphones: readonly AudioDeviceInfo[];
  readonly speakers: readonly AudioDeviceInfo[];
  /** What this machine is known to have none of. */
  readonly missing: readonly DeviceKind[];
}

/** No device, as before the person has granted anything. */
export const NO_DEVICES: Devices = { cameras: [], microphones: [], speakers: [], missing: [] };

const SYSTEM_DEFAULT = "default";

/** List the devices. Before the person has granted access, browsers tell neither ids nor names. */
export async function listDevices(): Promise<Devices> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  const found = (await media?.enumerateDevices()) ?? [];
  const named = found.filter(({ deviceId, label }) => deviceId !== "" && label !== "");
  const of = (kind: MediaDeviceKind): MediaDeviceInfo[] => named.filter((one) => one.kind === kind);
  return {
    cameras: of("videoinput").map(cameraInfo),
    microphones: of("audioinput").map((one) => audioInfo("microphone", one)),
    speakers: of("audiooutput").map((one) => audioInfo("speaker", one)),
    missing: media === undefined ? [] : missingIn(found),
  };
}

/** Browsers name a microphone before they tell which; speakers only where they can be chosen, and then. */
function missingIn(found: readonly MediaDeviceInfo[]): DeviceKind[] {
  const has = (kind: MediaDeviceKind): boolean => found.some((one) => one.kind === kind);
  const missing: DeviceKind[] = has("audioinput") ? [] : ["microphone"];
  const isTold = canChooseSpeaker() && found.some(({ label }) => label !== "");
  if (isTold && !has("audiooutput")) missing.push("speaker");
  return missing;
}

/** Whether this browser lets a page choose where sound is played. */
export function canChooseSpeaker(): boolean {
  return typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;
}

function cameraInfo({ deviceId, label }: MediaDeviceInfo): VideoDeviceInfo {
  return { id: idFor("camera", deviceId), name: label, deviceType: "UsbCamera" };
}

function audioInfo(
  kind: Exclude<DeviceKind, "camera">,
  { deviceId, label }: MediaDeviceInfo,
): AudioDeviceInfo {
  return {
    id: idFor(kind, deviceId),
    name: label,
    isSystemDefault: deviceId === SYSTEM_DEFAULT,
    deviceType: kind === "microphone" ? "Microphone" : "Speaker",
  };
}

/** What is in `now` and was not in `before`, and the other way round. Fresh objects. */
export function difference<T extends { readonly id: string }>(
  before: readonly T[],
  now: readonly T[],
): { added: T[]; removed: T[] } {
  const lacks = (list: readonly T[], one: T): boolean => !list.some(({ id }) => id === one.id);
  return {
    added: now.filter((one) => lacks(before, one)).map((one) => ({ ...one })),
    removed: before.filter((one) => lacks(now, one)).map((one) => ({ ...one })),
  };
}
