/** What people think of a call, asked for at its end. */

/** From which number to which a rating goes, and up to which it is a bad one. */
export interface RatingScale {
  readonly lowerBound: number;
  readonly upperBound: number;
  readonly lowScoreThreshold: number;
}

/** What went wrong with the call as a whole. */
export type OverallIssue =
  | "CallCannotJoin"
  | "CallCannotInvite"
  | "HadToRejoin"
  | "CallEndedUnexpectedly"
  | "OtherIssues";

/** What went wrong with the sound. */
export type AudioIssue =
  | "NoLocalAudio"
  | "NoRemoteAudio"
  | "Echo"
  | "AudioNoise"
  | "LowVolume"
  | "AudioStoppedUnexpectedly"
  | "DistortedSpeech"
  | "AudioInterruption"
  | "OtherIssues";

/** What went wrong with the picture. */
export type VideoIssue =
  | "NoVideoReceived"
  | "NoVideoSent"
  | "LowQuality"
  | "Freezes"
  | "StoppedUnexpectedly"
  | "DarkVideoReceived"
  | "AudioVideoOutOfSync"
  | "OtherIssues";

/** What went wrong with a shared screen. */
export type ScreenshareIssue =
  | "NoContentLocal"
  | "NoContentRemote"
  | "CannotPresent"
  | "LowQuality"
  | "Freezes"
  | "StoppedUnexpectedly"
  | "LargeDelay"
  | "OtherIssues";

/** How good something was, and what was wrong with it. */
export interface CallRating<
  Issue extends OverallIssue | AudioIssue | VideoIssue | ScreenshareIssue,
> {
  score: number;
  issues?: Issue[];
  scale?: RatingScale;
}

/** What somebody thinks of a call. */
export interface CallSurvey {
  overallRating?: CallRating<OverallIssue>;
  audioRating?: CallRating<AudioIssue>;
  videoRating?: CallRating<VideoIssue>;
  screenshareRating?: CallRating<ScreenshareIssue>;
}

/** What somebody thought of a call, as it was handed in. */
export interface CallSurveyResponse extends CallSurvey {
  readonly id: string;
  readonly callId: string;
  readonly localParticipantId: string;
}
