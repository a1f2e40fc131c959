/** Asking people for what they think of a call. */
import type { CallFeature } from "./features.js";
import type { CallSurvey, CallSurveyResponse } from "./survey.js";

/** Takes what somebody thinks of the call, while it lasts and when it is over. */
export interface CallSurveyFeature extends CallFeature {
  readonly name: "CallSurvey";
  /**
   * Check a survey and give it back with its ids. This version sends it nowhere: an app that wants to
   * keep it takes it from here. A score is one of its scale's, from 1 to 5 when it has none; a scale
   * goes from 0 to 100 at most. Rejects with 400/49018 when something in it is not so.
   */
  submitSurvey(survey: CallSurvey): Promise<CallSurveyResponse>;
}
