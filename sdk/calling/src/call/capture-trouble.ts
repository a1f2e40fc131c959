/** Why a device did not open, as diagnostics. */
import type { MediaDiagnosticType, MediaDiagnosticValues } from "../api/diagnostics.js";
import type { Raises } from "../features/diagnostics.js";
import { CommunicationServicesError, FAILURES, type Failure } from "../kernel/errors.js";
import type { Source } from "../media/port.js";

/** What is raised when the system itself does not let the browser. */
const BY_SYSTEM: Readonly<Record<Source, MediaDiagnosticType>> = {
  microphone: "microphonePermissionDenied",
  camera: "cameraPermissionDenied",
  screen: "screenshareRecordingDisabled",
};
/** What a browser says when a camera gives nothing. */
const TIMED_OUT = /time ?d? ?out/i;

/** Everything that may keep a device from opening. */
const STARTING: Readonly<Record<Source, readonly MediaDiagnosticType[]>> = {
  microphone: ["microphonePermissionDenied", "microphoneNotFunctioning"],
  camera: ["cameraPermissionDenied", "cameraStartTimedOut", "cameraStartFailed"],
  screen: ["screenshareRecordingDisabled", "capturerStartFailed"],
};

const CAPTURE: readonly Failure[] = [
  FAILURES.cameraInUse,
  FAILURES.captureFailed,
  FAILURES.noCamera,
  FAILURES.cameraStopped,
  FAILURES.cameraConstraints,
  FAILURES.noMicrophone,
];

/** A device opened: nothing keeps it from that any more. */
export function raiseOpened(media: Raises<MediaDiagnosticValues>, source: Source): void {
  for (const one of STARTING[source]) media.raise(one, false);
}

/** A device did not open, if that is what the error says. */
export function raiseUnopened(
  media: Raises<MediaDiagnosticValues>,
  source: Source,
  error: unknown,
): void {
  const found = troubleIn(source, error);
  if (found === undefined) return;
  for (const one of STARTING[source]) media.raise(one, one === found);
}

function troubleIn(source: Source, error: unknown): MediaDiagnosticType | undefined {
  if (!(error instanceof CommunicationServicesError)) return undefined;
  const is = (what: Failure): boolean => what.subCode === error.subCode;
  if (is(FAILURES.microphoneDenied)) return "microphonePermissionDenied";
  if (is(FAILURES.cameraDenied)) return "cameraPermissionDenied";
  if (is(FAILURES.promptTimeout)) return "cameraStartTimedOut";
  if (is(FAILURES.deniedBySystem)) return BY_SYSTEM[source];
  // A person who thinks better of sharing has no trouble.
  if (!CAPTURE.some(is)) return undefined;
  if (source === "microphone") return "microphoneNotFunctioning";
  if (source === "screen") return "capturerStartFailed";
  return TIMED_OUT.test(error.message) ? "cameraStartTimedOut" : "cameraStartFailed";
}
