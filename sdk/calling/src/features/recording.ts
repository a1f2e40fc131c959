/** Nothing records or writes down calls in this version, and nothing pretends to. */
import type {
  RecordingCallFeature,
  RecordingCallFeatureEvents,
  RecordingInfo,
  TranscriptionCallFeature,
  TranscriptionCallFeatureEvents,
} from "../api/recording.js";
import { Emitter } from "../kernel/emitter.js";

/** The recordings of one call. */
export class RecordingObject
  extends Emitter<RecordingCallFeatureEvents>
  implements RecordingCallFeature
{
  readonly name = "Recording";
  readonly isRecordingActive = false;
  readonly isTeamsConsentRequired = false;

  get recordings(): RecordingInfo[] {
    return [];
  }

  /** Consent is asked for in meetings of Teams alone. */
  async grantTeamsConsent(): Promise<void> {}
}

/** The transcription of one call. */
export class TranscriptionObject
  extends Emitter<TranscriptionCallFeatureEvents>
  implements TranscriptionCallFeature
{
  readonly name = "Transcription";
  readonly isTranscriptionActive = false;
  readonly isTeamsConsentRequired = false;

  /** Consent is asked for in meetings of Teams alone. */
  async grantTeamsConsent(): Promise<void> {}
}
