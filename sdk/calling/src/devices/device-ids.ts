/** Our ids of devices: the browser's, with the kind in front. */

/** What kind of device it is. */
export type DeviceKind = "camera" | "microphone" | "speaker";

/** The browser's id of a device as ours. */
export function idFor(kind: DeviceKind, deviceId: string): string {
  return `${kind}:${deviceId}`;
}

/** The browser's id inside one of ours; undefined when it is of another kind. */
export function deviceIdIn(kind: DeviceKind, id: string): string | undefined {
  const prefix = `${kind}:`;
  return id.startsWith(prefix) ? id.slice(prefix.length) : undefined;
}
