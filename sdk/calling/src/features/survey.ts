/** What people say of a call: checked, handed in, and given back with its ids. */
import type { CallSurveyFeature } from "../api/call-survey.js";
import type { CallSurvey, CallSurveyResponse } from "../api/survey.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { newGuid } from "../kernel/ids.js";
import { type Fields, fieldsOf, isFields, listOf, numberOf } from "../kernel/values.js";
import type { Asking } from "./asking.js";

const USUAL = { lowerBound: 1, upperBound: 5, lowScoreThreshold: 2 } as const;
const BOUNDARIES = ["lowerBound", "upperBound", "lowScoreThreshold"] as const;
const BOUNDS = { least: 0, most: 100 } as const;

const ISSUES: Readonly<Record<keyof CallSurvey, readonly string[]>> = {
  overallRating: [
    ...["CallCannotJoin", "CallCannotInvite", "HadToRejoin"],
    ...["CallEndedUnexpectedly", "OtherIssues"],
  ],
  audioRating: [
    ...["NoLocalAudio", "NoRemoteAudio", "Echo", "AudioNoise", "LowVolume"],
    ...["AudioStoppedUnexpectedly", "DistortedSpeech", "AudioInterruption", "OtherIssues"],
  ],
  videoRating: [
    ...["NoVideoReceived", "NoVideoSent", "LowQuality", "Freezes", "StoppedUnexpectedly"],
    ...["DarkVideoReceived", "AudioVideoOutOfSync", "OtherIssues"],
  ],
  screenshareRating: [
    ...["NoContentLocal", "NoContentRemote", "CannotPresent", "LowQuality", "Freezes"],
    ...["StoppedUnexpectedly", "LargeDelay", "OtherIssues"],
  ],
};

/** What a survey needs of its call. */
export interface SurveyNeeds extends Pick<Asking, "handIn"> {
  readonly callId: () => string;
  readonly participantId: () => string | undefined;
}

/** The survey of one call. */
export class CallSurveyObject implements CallSurveyFeature {
  readonly name = "CallSurvey";

  constructor(private readonly _needs: SurveyNeeds) {}

  async submitSurvey(survey: CallSurvey): Promise<CallSurveyResponse> {
    if (!isFields(survey)) throw bad("There is no survey.");
    const names = Object.keys(ISSUES) as (keyof CallSurvey)[];
    const rated = names.filter((name) => survey[name] !== undefined);
    if (rated.length === 0) throw bad("The survey rates nothing.");
    for (const name of rated) check(name, survey[name]);
    const ratings = Object.fromEntries(rated.map((name) => [name, bare(survey[name] as Fields)]));
    const id = newGuid();
    const participantId = this._needs.participantId() || null;
    await this._needs.handIn("survey", {
      surveyId: id,
      participantId,
      ratings,
    });
    return {
      ...ratings,
      ...{ id, callId: this._needs.callId(), localParticipantId: participantId ?? "" },
    };
  }
}

/** A copy of a rating, without what an app has beside it, and with each issue once. */
function bare(rating: Fields): object {
  const scale = fieldsOf(rating, "scale");
  const issues = listOf(rating, "issues");
  return {
    score: rating["score"],
    ...(issues.length > 0 && { issues: [...new Set(issues)] }),
    ...(scale && { scale: Object.fromEntries(BOUNDARIES.map((name) => [name, scale[name]])) }),
  };
}

function check(name: keyof CallSurvey, rating: unknown): void {
  if (!isFields(rating)) throw bad(`${name} is no rating.`);
  const { least, most } = boundsIn(name, rating["scale"]);
  const score = numberOf(rating, "score");
  if (score === undefined || score < least || score > most) {
    throw bad(`The score of ${name} is not between ${least} and ${most}.`);
  }
  const issues = rating["issues"] ?? [];
  const isKnown = (one: unknown): boolean => typeof one === "string" && ISSUES[name].includes(one);
  if (!Array.isArray(issues) || !issues.every(isKnown)) {
    throw bad(`${name} may have these issues: ${ISSUES[name].join(", ")}.`);
  }
}

function boundsIn(name: string, scale: unknown): { least: number; most: number } {
  const given: Fields = scale === undefined ? USUAL : isFields(scale) ? scale : {};
  const least = numberOf(given, "lowerBound");
  const most = numberOf(given, "upperBound");
  const low = numberOf(given, "lowScoreThreshold");
  const isWhole = least !== undefined && most !== undefined && low !== undefined;
  const isGood = isWhole && BOUNDS.least <= least && least < most && most <= BOUNDS.most;
  if (!isGood || low < least || low > most) {
    throw bad(`The scale of ${name} goes from 0 to 100 at most, with its threshold inside.`);
  }
  return { least, most };
}

function bad(words: string): Error {
  return raise(FAILURES.badSurvey, words);
}
