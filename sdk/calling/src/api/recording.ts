/** Whether a call is recorded or written down. The server starts neither in this version. */
import type { CollectionUpdate, PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";

/** What a recording does, by its name and by its number. */
export const RecordingState = {
  None: 0,
  Started: 1,
  Paused: 2,
  Ended: 3,
  0: "None",
  1: "Started",
  2: "Paused",
  3: "Ended",
} as const;
/** What a recording does: 0 nothing, 1 it runs, 2 it pauses, 3 it has ended. */
export type RecordingState =
  | RecordingState.None
  | RecordingState.Started
  | RecordingState.Paused
  | RecordingState.Ended;
export declare namespace RecordingState {
  /** Nothing yet. */
  type None = 0;
  /** It records. */
  type Started = 1;
  /** It pauses. */
  type Paused = 2;
  /** It has ended. */
  type Ended = 3;
}

/** A recording of a call. */
export interface RecordingInfo
  extends Subscribable<{ recordingStateChanged: Parameters<PropertyChangedEvent> }> {
  readonly state: RecordingState;
}

/** The events of recordings. */
export interface RecordingCallFeatureEvents {
  isRecordingActiveChanged: Parameters<PropertyChangedEvent>;
  recordingsUpdated: [update: CollectionUpdate<RecordingInfo>];
}

/** Whether the call is recorded. */
export interface RecordingCallFeature
  extends CallFeature,
    Subscribable<RecordingCallFeatureEvents> {
  readonly name: "Recording";
  readonly isRecordingActive: boolean;
  readonly recordings: RecordingInfo[];
  readonly isTeamsConsentRequired: boolean;
  grantTeamsConsent(): Promise<void>;
}

/** The events of transcription. */
export interface TranscriptionCallFeatureEvents {
  isTranscriptionActiveChanged: Parameters<PropertyChangedEvent>;
}

/** Whether what is said is written down. */
export interface TranscriptionCallFeature
  extends CallFeature,
    Subscribable<TranscriptionCallFeatureEvents> {
  readonly name: "Transcription";
  readonly isTranscriptionActive: boolean;
  readonly isTeamsConsentRequired: boolean;
  grantTeamsConsent(): Promise<void>;
}
