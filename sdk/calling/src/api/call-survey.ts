/** Asking people for what they think of a call. */
import type { CallFeature } from "./features.js";
import type { CallSurvey, CallSurveyResponse } from "./survey.js";

/** Takes what somebody thinks of the call, while it lasts and when it is over. */
export interface CallSurveyFeature extends CallFeature {
  readonly name: "CallSurvey";
  /**
   * Hand a survey in, in a call or after it, also after one that was never reached. It is checked,
   * kept by the server, and given back with its ids. A score is one of its scale's, from 1 to 5 when
   * it has none; a scale goes from 0 to 100 at most: rejects with 400/49018 when something in it is
   * not so. Rejects with 429/0 after 20 surveys within an hour, with 412/40115 when the server could
   * not be reached for 30 s, and with 412/49006 when the call agent was disposed.
   */
  submitSurvey(survey: CallSurvey): Promise<CallSurveyResponse>;
}
