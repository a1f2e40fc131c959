/** What people in a call tell each other of their network and devices, as the server passes it on. */
import {
  DiagnosticQuality,
  type MediaDiagnosticType,
  type NetworkDiagnosticType,
} from "../api/diagnostics.js";
import { type Fields, isFields, listOf, textOf } from "../kernel/values.js";

/** One diagnostic and how it is now. */
export interface Diagnosis {
  readonly diagnostic: NetworkDiagnosticType | MediaDiagnosticType;
  readonly value: DiagnosticQuality | boolean;
}

/** What one endpoint tells. */
export interface Told {
  readonly participantId: string;
  readonly rawId: string;
  readonly diagnoses: readonly Diagnosis[];
}

const QUALITIES: readonly NetworkDiagnosticType[] = [
  "networkReconnect",
  "networkReceiveQuality",
  "networkSendQuality",
];
const FLAGS: readonly Diagnosis["diagnostic"][] = [
  ...(["noNetwork", "networkRelaysNotReachable", "speakerNotFunctioning"] as const),
  ...(["speakerBusy", "speakerMuted", "speakerVolumeZero"] as const),
  ...(["noSpeakerDevicesEnumerated", "noMicrophoneDevicesEnumerated"] as const),
  ...(["microphoneNotFunctioning", "microphoneMuteUnexpectedly"] as const),
  ...(["microphoneNotMuteButSilent", "microphonePermissionDenied"] as const),
  ...(["cameraFreeze", "cameraStartFailed"] as const),
  ...(["cameraStartTimedOut", "capturerStartFailed", "cameraPermissionDenied"] as const),
  ...(["cameraStoppedUnexpectedly", "capturerStoppedUnexpectedly"] as const),
  ...(["screenshareRecordingDisabled"] as const),
];
const VALUES = [DiagnosticQuality.Good, DiagnosticQuality.Poor, DiagnosticQuality.Bad];

/** Reads it from the fields of a message. What is not known is left out. */
export function readTold(message: Fields): Told {
  return {
    participantId: textOf(message, "participantId") ?? "",
    rawId: textOf(message, "rawId") ?? "",
    diagnoses: listOf(message, "diagnostics").flatMap((one) =>
      isFields(one) ? (readDiagnosis(one) ?? []) : [],
    ),
  };
}

function readDiagnosis(fields: Fields): Diagnosis | undefined {
  const flag = FLAGS.find((one) => one === fields["diagnostic"]);
  const value = fields["value"];
  if (flag !== undefined)
    return typeof value === "boolean" ? { diagnostic: flag, value } : undefined;
  const diagnostic = QUALITIES.find((one) => one === fields["diagnostic"]);
  const quality = VALUES.find((one) => one === value);
  return diagnostic && quality ? { diagnostic, value: quality } : undefined;
}
