/** Dominant speakers and the optimal video count. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { DominantSpeakersObject } from "../../src/features/dominant-speakers.js";
import { OptimalVideoCountObject } from "../../src/features/optimal-video-count.js";

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

    expect(new OptimalVideoCountObject().optimalVideoCount).toBe(count);
  });
});
