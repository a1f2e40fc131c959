/** What devices there are, as the browser tells it now. */
import type { AudioDeviceInfo, VideoDeviceInfo } from "../api/devices.js";
import { type DeviceKind, idFor } from "./device-ids.js";

/** Every device. */
export interface Devices {
  readonly cameras: readonly VideoDeviceInfo[];
  readonly microphones: readonly AudioDeviceInfo[];
  readonly speakers: readonly AudioDeviceInfo[];
}

/** No device, as before the person has granted anything. */
export const NO_DEVICES: Devices = { cameras: [], microphones: [], speakers: [] };

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
  };
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
