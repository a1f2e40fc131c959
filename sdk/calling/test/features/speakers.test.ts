/** Dominant speakers and the optimal video count. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { DominantSpeakersObject } from "../../src/features/dominant-speakers.js";
import { OptimalVideoCountObject } from "../../src/features/optimal-video-count.js";
import type { Measurement } from "../../src/media/meter.js";
import type { TrackStats, Vitals } from "../../src/media/port.js";
import { ManualClock } from "../fakes/clock.js";

const BO = "8:acs:resource_bo";
const CY = "8:acs:resource_cy";

const listed = (feature: DominantSpeakersObject): unknown[] =>
  feature.dominantSpeakers.speakersList.map((one) => Object.assign({}, one));
const user = (rawId: string): object => ({
  ...{ kind: "communicationUser", communicationUserId: rawId, rawId },
});

describe("dominant speakers", () => {
  test("are nobody at first", () => {
    expect(new DominantSpeakersObject().dominantSpeakers.speakersList).toEqual([]);
  });

  test("who falls silent stays listed behind those who speak", () => {
    const feature = new DominantSpeakersObject();
    feature.update([BO]);
    feature.update([CY]);

    expect(listed(feature)).toEqual([user(CY), user(BO)]);
  });

  test("are told when the list changes and not when it stays", () => {
    const feature = new DominantSpeakersObject();
    let told = 0;
    feature.on("dominantSpeakersChanged", () => {
      told += 1;
    });

    feature.update([BO, CY]);
    feature.update([BO, CY]);
    feature.update([]);
    feature.update([CY]);

    expect(told).toBe(2);
  });

  test("who has left is listed no more", () => {
    const feature = new DominantSpeakersObject();
    feature.update([BO, CY]);

    feature.keep(new Set([CY]));

    expect(listed(feature)).toEqual([user(CY)]);
  });

  test("may be frozen by the app", () => {
    const feature = new DominantSpeakersObject();
    feature.update([BO]);
    const given = feature.dominantSpeakers;
    Object.freeze(given.speakersList);
    Object.freeze(given);

    feature.update([CY]);

    expect(listed(feature)).toEqual([user(CY), user(BO)]);
    expect(given.speakersList).toHaveLength(1);
  });
});

describe("the optimal video count", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0 Safari/537.36", 9],
    ["Mozilla/5.0 (Linux; Android 16) Chrome/141.0 Mobile", 4],
  ])("in %s is %d", (userAgent, count) => {
    vi.stubGlobal("navigator", { userAgent });

    expect(new OptimalVideoCountObject(new ManualClock()).optimalVideoCount).toBe(count);
  });
});

describe("under way the optimal video count", () => {
  type Seen = [count: number, reason: string];

  function counting(): {
    readonly feature: OptimalVideoCountObject;
    readonly told: Seen[];
    readonly pass: (seconds: number, what?: Partial<Measurement>) => void;
  } {
    const clock = new ManualClock();
    const feature = new OptimalVideoCountObject(clock);
    const told: Seen[] = [];
    feature.on("optimalVideoCountChanged", () =>
      told.push([feature.optimalVideoCount, feature.lastOvcChangeReason]),
    );
    const pass = (seconds: number, what: Partial<Measurement> = {}): void => {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1_000);
        feature.measured({ tracks: [], vitals: good, ...what });
      }
    };
    return { feature, told, pass };
  }

  const good: Vitals = { signalling: true, media: true, quality: 1, others: [] };
  const poor: Partial<Measurement> = { vitals: { ...good, quality: 2 } };
  const sending = (numbers: object): TrackStats[] =>
    [
      ...[
        {
          direction: "send",
          source: "camera",
          sender: "me",
          id: "TR_v",
          numbers: [{ ...numbers }],
        },
      ],
    ] as TrackStats[];

  test("goes down while the network is poor, step by step, and not below two", () => {
    const { told, pass } = counting();

    pass(40, poor);

    expect(told).toEqual([
      [4, "bandwidth"],
      [2, "bandwidth"],
    ]);
  });

  test("stays where trouble was over at once", () => {
    const { told, pass } = counting();

    pass(2, poor);
    pass(1);
    pass(2, poor);

    expect(told).toEqual([]);
  });

  test("goes up again ten seconds after the last trouble, and not above what it was", () => {
    const { told, pass } = counting();
    pass(8, poor);

    pass(9);
    expect(told).toHaveLength(1);
    pass(30);

    expect(told).toEqual([
      [4, "bandwidth"],
      [9, "bandwidth"],
    ]);
  });

  test("goes down when the machine cannot encode fast enough", () => {
    const { told, pass } = counting();

    pass(3, { tracks: sending({ type: "outbound-rtp", qualityLimitationReason: "cpu" }) });

    expect(told).toEqual([[4, "performance"]]);
  });

  test("goes down when the machine throws away what it receives", () => {
    const { told, pass } = counting();
    const receiving = (second: number): TrackStats[] => [
      {
        ...{ direction: "receive", source: "camera", sender: "bo", id: "TR_b" },
        numbers: [{ type: "inbound-rtp", framesReceived: second * 20, framesDropped: second * 10 }],
      },
    ];

    for (let second = 0; second < 4; second += 1) pass(1, { tracks: receiving(second) });

    expect(told).toEqual([[4, "performance"]]);
  });
});
