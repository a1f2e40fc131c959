/** Opens cameras, microphones and screens, and says in our codes why one could not be opened. */
import { nap, systemClock } from "../kernel/clock.js";
import { CommunicationServicesError, FAILURES, type Failure, raise } from "../kernel/errors.js";

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** So long the person may take to answer the browser's question. */
const ANSWER_MS = 40_000;

/** Open a camera. Rejects with 412/43015 when the person does not answer the browser in 40 s. */
export async function openCamera(deviceId: string): Promise<MediaStreamTrack> {
  const video = { ...PICTURE, deviceId: { exact: deviceId } };
  const stream = await open(CAMERA, (media) => inTime(media.getUserMedia({ video })));
  return only(stream.getVideoTracks(), FAILURES.cameraStopped);
}

/** Open a microphone; the system's default one when none is named. */
export async function openMicrophone(deviceId: string | undefined): Promise<MediaStreamTrack> {
  const audio = deviceId === undefined ? SPEECH : { ...SPEECH, deviceId: { exact: deviceId } };
  const stream = await open(MICROPHONE, (media) => media.getUserMedia({ audio }));
  return only(stream.getAudioTracks(), FAILURES.captureFailed);
}

/** Let the person choose a screen, window or tab. Must be called in the course of a click. */
export async function openScreen(): Promise<MediaStreamTrack> {
  const stream = await open(SCREEN, (media) => media.getDisplayMedia({ video: true }));
  return only(stream.getVideoTracks(), FAILURES.captureFailed);
}

/** Failures by the names that browsers give them. */
type Reasons = Readonly<Record<string, Failure>>;

const CAMERA: Reasons = {
  NotAllowedError: FAILURES.cameraDenied,
  SecurityError: FAILURES.cameraDenied,
  NotFoundError: FAILURES.noCamera,
  NotReadableError: FAILURES.cameraInUse,
  AbortError: FAILURES.cameraInUse,
  OverconstrainedError: FAILURES.cameraConstraints,
};

const MICROPHONE: Reasons = {
  NotAllowedError: FAILURES.microphoneDenied,
  SecurityError: FAILURES.microphoneDenied,
  NotFoundError: FAILURES.noMicrophone,
  OverconstrainedError: FAILURES.noMicrophone,
};

const SCREEN: Reasons = {
  NotAllowedError: FAILURES.shareRefused,
  SecurityError: FAILURES.shareRefused,
};

/** How browsers put it that the page was allowed to, and they themselves were not. */
const BY_SYSTEM = /denied by system/i;

async function open(
  reasons: Reasons,
  ask: (media: MediaDevices) => Promise<MediaStream>,
): Promise<MediaStream> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  // Browsers hide the devices from pages that were not loaded safely.
  if (media === undefined) throw raise(FAILURES.cameraUnsupported);
  try {
    return await ask(media);
  } catch (error) {
    if (error instanceof CommunicationServicesError) throw error;
    throw explain(error, reasons);
  }
}

/** What the browser opens, if it does so in time; what it opens later is closed. */
async function inTime(opening: Promise<MediaStream>): Promise<MediaStream> {
  const late = nap(systemClock, ANSWER_MS);
  const opened = await Promise.race([opening, late.over]).finally(() => late.wake());
  if (opened !== undefined) return opened;
  opening.then(closeAll, () => undefined);
  throw raise(FAILURES.promptTimeout);
}

function explain(error: unknown, reasons: Reasons): CommunicationServicesError {
  const [name, words] = error instanceof Error ? [error.name, error.message] : ["", String(error)];
  const known = BY_SYSTEM.test(words)
    ? FAILURES.deniedBySystem
    : (reasons[name] ?? FAILURES.captureFailed);
  return raise(known, words === "" ? known.message : `${known.message} (${words})`);
}

function closeAll(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function only(tracks: readonly MediaStreamTrack[], otherwise: Failure): MediaStreamTrack {
  const [track] = tracks;
  if (track === undefined) throw raise(otherwise);
  return track;
}
