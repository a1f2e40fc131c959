/** What people say of a call. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallSurvey } from "../../src/api/survey.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const submit = async (survey: unknown): Promise<unknown> =>
  // What an app hands in may be anything.
  (await bench.connect()).feature(Features.CallSurvey).submitSurvey(survey as CallSurvey);

describe("a survey", () => {
  test("comes back with its ids, also when the call is over", async () => {
    const call = await bench.connect();
    await call.hangUp();

    const answer = await call.feature(Features.CallSurvey).submitSurvey({
      overallRating: { score: 5 },
      audioRating: { score: 1, issues: ["Echo", "OtherIssues"] },
      videoRating: {
        ...{ score: 40, scale: { lowerBound: 0, upperBound: 100, lowScoreThreshold: 50 } },
      },
    });

    expect(answer).toMatchObject({
      ...{ id: expect.any(String), callId: "call-1", localParticipantId: "me-1" },
      ...{ overallRating: { score: 5 }, audioRating: { score: 1 }, videoRating: { score: 40 } },
    });
  });

  test("has an id of its own each time, and nothing of what the app changes later", async () => {
    const call = await bench.connect();
    const overallRating = { score: 5 };
    const feature = call.feature(Features.CallSurvey);
    const [one, other] = [
      ...[
        await feature.submitSurvey({ overallRating }),
        await feature.submitSurvey({ overallRating }),
      ],
    ];

    overallRating.score = 1;

    expect(one?.id).not.toBe(other?.id);
    expect(one?.overallRating?.score).toBe(5);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [{ loudness: { score: 1 } }],
    [{ overallRating: 5 }],
    [{ overallRating: {} }],
    [{ overallRating: { score: 0 } }],
    [{ overallRating: { score: 6 } }],
    [{ overallRating: { score: "5" } }],
    [{ overallRating: { score: Number.NaN } }],
    [{ overallRating: { score: 5, issues: ["Echo"] } }],
    [{ audioRating: { score: 5, issues: "Echo" } }],
    [{ audioRating: { score: 5, issues: [7] } }],
    [{ videoRating: { score: 5, scale: 100 } }],
    [{ videoRating: { score: 5, scale: { lowerBound: 0, upperBound: 10 } } }],
    [{ videoRating: { score: 5, scale: { lowerBound: 9, upperBound: 1, lowScoreThreshold: 2 } } }],
    [{ videoRating: { score: 5, scale: { lowerBound: -1, upperBound: 9, lowScoreThreshold: 2 } } }],
    [
      {
        videoRating: { score: 5, scale: { lowerBound: 1, upperBound: 101, lowScoreThreshold: 2 } },
      },
    ],
    [{ videoRating: { score: 5, scale: { lowerBound: 1, upperBound: 9, lowScoreThreshold: 10 } } }],
  ])("that is %j is refused", async (survey) => {
    await expect(submit(survey)).rejects.toMatchObject({ code: 400, subCode: 49018 });
  });
});
