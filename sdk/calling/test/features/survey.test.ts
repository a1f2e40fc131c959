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

/** Answers the survey that the server gets next; what it was. */
const taken = async (): Promise<Readonly<Record<string, unknown>>> => {
  const { fields, answer } = await bench.server.next("survey");
  answer({});
  return fields;
};

describe("a survey", () => {
  test("is handed in and comes back with its ids, also when the call is over", async () => {
    const call = await bench.connect();
    await call.hangUp();
    const scale = { lowerBound: 0, upperBound: 100, lowScoreThreshold: 50 };

    const submitted = call.feature(Features.CallSurvey).submitSurvey({
      overallRating: { score: 5 },
      audioRating: { score: 1, issues: ["Echo", "Echo", "OtherIssues"] },
      videoRating: { score: 40, scale, note: "of an app's own" } as { score: number },
    });
    const fields = await taken();

    const ratings = {
      overallRating: { score: 5 },
      audioRating: { score: 1, issues: ["Echo", "OtherIssues"] },
      videoRating: { score: 40, scale },
    };
    const id = fields["surveyId"];
    expect(fields).toEqual({ surveyId: id, participantId: "me-1", ratings });
    expect(await submitted).toEqual({
      ...{ ...ratings, id, callId: "call-1", localParticipantId: "me-1" },
    });
  });

  test("of a call that was refused names no participant", async () => {
    const call = bench.join();
    (await bench.server.next("join")).refuse(403, 5828);
    await bench.until(() => call.state === "Disconnected");

    const submitted = call
      .feature(Features.CallSurvey)
      .submitSurvey({ overallRating: { score: 1, issues: ["CallCannotJoin"] } });

    expect(await taken()).toMatchObject({ participantId: null });
    expect(await submitted).toMatchObject({ localParticipantId: "" });
  });

  test("is handed in again, under the same id, when the connection breaks", async () => {
    const call = await bench.connect();
    const submitted = call
      .feature(Features.CallSurvey)
      .submitSurvey({ overallRating: { score: 5 } });
    const first = await bench.server.next("survey");

    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.clock.passWhenAsked(300);
    const second = await bench.server.next("survey");
    second.answer({});

    expect(second.fields).toEqual(first.fields);
    expect(await submitted).toMatchObject({ id: first.fields["surveyId"] });
  });

  test("that the server does not take is refused with its reason, and not handed in again", async () => {
    const call = await bench.connect();
    const submitted = call
      .feature(Features.CallSurvey)
      .submitSurvey({ overallRating: { score: 5 } });

    (await bench.server.next("survey")).refuse(429, 0);

    await expect(submitted).rejects.toMatchObject({ code: 429, subCode: 0 });
    expect(bench.server.requests.filter(({ op }) => op === "survey")).toHaveLength(1);
  });

  test("of a disposed agent is refused", async () => {
    const call = await bench.connect();
    await bench.agent.dispose();

    const submitted = call
      .feature(Features.CallSurvey)
      .submitSurvey({ overallRating: { score: 5 } });

    await expect(submitted).rejects.toMatchObject({ code: 412, subCode: 49006 });
  });

  test("is given up when the server stays away", async () => {
    const call = await bench.connect();
    bench.server.drop();
    await bench.until(() => bench.agent.connectionState === "Disconnected");

    const submitted = call
      .feature(Features.CallSurvey)
      .submitSurvey({ overallRating: { score: 5 } });
    const failed = expect(submitted).rejects.toMatchObject({ code: 412, subCode: 40115 });
    await bench.clock.passWhenAsked(30_000);

    await failed;
  });

  test("has an id of its own each time, and nothing of what the app changes later", async () => {
    const call = await bench.connect();
    const overallRating = { score: 5 };
    const feature = call.feature(Features.CallSurvey);
    const submitted = [feature.submitSurvey({ overallRating })];
    await taken();
    submitted.push(feature.submitSurvey({ overallRating }));
    overallRating.score = 1;
    await taken();

    const [one, other] = await Promise.all(submitted);

    expect(one?.id).not.toBe(other?.id);
    expect([one?.overallRating?.score, other?.overallRating?.score]).toEqual([5, 5]);
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
