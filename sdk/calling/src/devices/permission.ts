/** Asks the person for the use of devices. */
import type { DeviceAccess, PermissionConstraints } from "../api/devices.js";
import { FAILURES, raise } from "../kernel/errors.js";

/** Names of errors that mean "granted, but the device itself is not usable now". */
const GRANTED = ["NotReadableError", "AbortError", "OverconstrainedError"];
/** Names of errors that mean "no". */
const REFUSED = ["NotAllowedError", "SecurityError", "NotFoundError"];

/** Ask, and close at once whatever the browser opened. */
export async function askPermission(
  asked: PermissionConstraints | undefined,
): Promise<DeviceAccess> {
  const audio = asked?.audio === true;
  const video = asked?.video === true;
  if (!audio && !video) throw raise(FAILURES.nothingAsked);
  if (!audio || !video)
    return { audio: audio && (await ask({ audio })), video: video && (await ask({ video })) };
  // One question for both; when it fails, each by itself tells which one it was.
  if (await ask({ audio, video })) return { audio, video };
  return { audio: await ask({ audio }), video: await ask({ video }) };
}

async function ask(constraints: MediaStreamConstraints): Promise<boolean> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (media === undefined)
    throw raise(FAILURES.permissionFailed, FAILURES.cameraUnsupported.message);
  try {
    const stream = await media.getUserMedia(constraints);
    for (const track of stream.getTracks()) track.stop();
    return true;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    const one = !(constraints.audio && constraints.video);
    if (one && GRANTED.includes(name)) return true;
    if (!one || REFUSED.includes(name)) return false;
    throw raise(
      FAILURES.permissionFailed,
      `${FAILURES.permissionFailed.message} (${String(error)})`,
    );
  }
}
