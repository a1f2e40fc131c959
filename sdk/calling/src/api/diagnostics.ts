/** What people should be told about their network and their devices. */
import type { PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";
import type { RemoteParticipant } from "./participants.js";

/** How well something works, by its name and by its number. */
export const DiagnosticQuality = {
  Good: 1,
  Poor: 2,
  Bad: 3,
  1: "Good",
  2: "Poor",
  3: "Bad",
} as const;
/** How well something works: 1 is good, 2 poor, 3 bad. */
export type DiagnosticQuality =
  | DiagnosticQuality.Good
  | DiagnosticQuality.Poor
  | DiagnosticQuality.Bad;
export declare namespace DiagnosticQuality {
  /** It works. */
  type Good = 1;
  /** It works badly. */
  type Poor = 2;
  /** It does not work. */
  type Bad = 3;
}

/** Whether something is the case. */
export type DiagnosticFlag = boolean;

/** Diagnostics of the network. Those of type `DiagnosticFlag` are true while there is trouble. */
export interface NetworkDiagnosticValues {
  networkReconnect: DiagnosticQuality;
  networkReceiveQuality: DiagnosticQuality;
  networkSendQuality: DiagnosticQuality;
  noNetwork: DiagnosticFlag;
  networkRelaysNotReachable: DiagnosticFlag;
}

/** Diagnostics of devices. All are true while there is trouble. */
export interface MediaDiagnosticValues {
  speakerNotFunctioning: DiagnosticFlag;
  speakerBusy: DiagnosticFlag;
  speakerMuted: DiagnosticFlag;
  speakerVolumeZero: DiagnosticFlag;
  noSpeakerDevicesEnumerated: DiagnosticFlag;
  speakingWhileMicrophoneIsMuted: DiagnosticFlag;
  noMicrophoneDevicesEnumerated: DiagnosticFlag;
  microphoneNotFunctioning: DiagnosticFlag;
  microphoneMuteUnexpectedly: DiagnosticFlag;
  microphoneNotMuteButSilent: DiagnosticFlag;
  microphonePermissionDenied: DiagnosticFlag;
  cameraFreeze: DiagnosticFlag;
  cameraStartFailed: DiagnosticFlag;
  cameraStartTimedOut: DiagnosticFlag;
  capturerStartFailed: DiagnosticFlag;
  cameraPermissionDenied: DiagnosticFlag;
  cameraStoppedUnexpectedly: DiagnosticFlag;
  capturerStoppedUnexpectedly: DiagnosticFlag;
  screenshareRecordingDisabled: DiagnosticFlag;
}

/** The name of a diagnostic of the network. */
export type NetworkDiagnosticType = keyof NetworkDiagnosticValues;
/** The name of a diagnostic of a device. */
export type MediaDiagnosticType = keyof MediaDiagnosticValues;
/** What kind of value a diagnostic has. */
export type DiagnosticValueType = "DiagnosticQuality" | "DiagnosticFlag";

/** A diagnostic that was raised so far. */
export interface LatestDiagnosticValue {
  readonly value: DiagnosticQuality | DiagnosticFlag;
  readonly valueType: DiagnosticValueType;
}

/** The diagnostics of the network that were raised so far. */
export type LatestNetworkDiagnostics = {
  readonly [K in NetworkDiagnosticType]?: LatestDiagnosticValue;
};
/** The diagnostics of devices that were raised so far. */
export type LatestMediaDiagnostics = {
  readonly [K in MediaDiagnosticType]?: LatestDiagnosticValue;
};

/** A diagnostic of the network has another value. */
export interface NetworkDiagnosticChangedEventArgs extends LatestDiagnosticValue {
  readonly diagnostic: NetworkDiagnosticType;
}

/** A diagnostic of a device has another value. */
export interface MediaDiagnosticChangedEventArgs extends LatestDiagnosticValue {
  readonly diagnostic: MediaDiagnosticType;
}

/** A diagnostic of somebody else. */
export interface RemoteDiagnostic extends LatestDiagnosticValue {
  readonly participantId: string;
  readonly rawId: string;
  readonly remoteParticipant?: RemoteParticipant;
  readonly diagnostic: NetworkDiagnosticType | MediaDiagnosticType;
}

/** Diagnostics of others that have another value. */
export interface RemoteParticipantDiagnosticsData {
  readonly diagnostics: RemoteDiagnostic[];
}

/** Diagnostics of the network. */
export interface NetworkDiagnostics
  extends Subscribable<{ diagnosticChanged: [change: NetworkDiagnosticChangedEventArgs] }> {
  getLatest(): LatestNetworkDiagnostics;
}

/** Diagnostics of devices. */
export interface MediaDiagnostics
  extends Subscribable<{ diagnosticChanged: [change: MediaDiagnosticChangedEventArgs] }> {
  getLatest(): LatestMediaDiagnostics;
}

/** What diagnostics of others tell. */
export interface RemoteDiagnosticsEvents {
  diagnosticChanged: [change: RemoteParticipantDiagnosticsData];
  isSendingDiagnosticsEnabledChanged: Parameters<PropertyChangedEvent>;
}

/**
 * Diagnostics of others, who send them when their app wants it: in calls of at most 20 people, three times
 * a minute of each, and never `speakingWhileMicrophoneIsMuted`.
 */
export interface RemoteDiagnostics extends Subscribable<RemoteDiagnosticsEvents> {
  readonly isSendingDiagnosticsEnabled: boolean;
  /** Tell the others how the own network and devices are, from now on and as they are now. */
  startSendingDiagnostics(): void;
  stopSendingDiagnostics(): void;
  /** What the others who are in the call have told. */
  getLatest(): RemoteParticipantDiagnosticsData;
}

/** What people should be told about their network and their devices. */
export interface UserFacingDiagnosticsFeature extends CallFeature {
  readonly name: "UserFacingDiagnostics";
  readonly network: NetworkDiagnostics;
  readonly media: MediaDiagnostics;
  readonly remote: RemoteDiagnostics;
}
