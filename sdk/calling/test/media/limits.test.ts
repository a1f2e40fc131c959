/** Up to how much of a picture is sent. */
import { describe, expect, test } from "vitest";
import { limitsBy, NO_LIMITS } from "../../src/media/limits.js";
import { limited } from "../../src/media/livekit/encodings.js";

const SIZES = [
  { scaleResolutionDownBy: 4, maxBitrate: 200_000, maxFramerate: 15 },
  { scaleResolutionDownBy: 2, maxBitrate: 600_000, maxFramerate: 20 },
  { scaleResolutionDownBy: 1, maxBitrate: 1_200_000, maxFramerate: 30 },
];

describe("limits", () => {
  test("that are not named stay, and 0 lifts one", () => {
    const before = { height: 720, frameRate: 20, bitrate: 900_000 };

    const now = limitsBy(before, { send: { frameHeight: { max: 0 }, bitrate: { max: 500_000 } } });

    expect(now).toEqual({ height: Infinity, frameRate: 20, bitrate: 500_000 });
  });

  test.each([[undefined], [{}], [{ send: {} }], [{ send: { bitrate: {} } }]])(
    "%j asks for nothing",
    (asked) => {
      expect(limitsBy(NO_LIMITS, asked)).toEqual(NO_LIMITS);
    },
  );

  test.each([
    [5],
    [{ send: 5 }],
    [{ send: { bitrate: 5 } }],
    [{ send: { bitrate: { max: "5" } } }],
    [{ send: { frameRate: { max: -1 } } }],
    [{ send: { frameHeight: { max: Number.NaN } } }],
  ])("%j is refused with 400/49019", (asked) => {
    // What untyped apps pass.
    const limit = (): object => limitsBy(NO_LIMITS, asked as object);

    expect(limit).toThrow(expect.objectContaining({ code: 400, subCode: 49019 }));
  });
});

describe("the sizes of a picture", () => {
  test("stay as they are without limits", () => {
    expect(limited(SIZES, NO_LIMITS, 720)).toEqual(SIZES);
  });

  test("shrink together to the height", () => {
    const scales = limited(SIZES, { ...NO_LIMITS, height: 360 }, 720);

    expect(scales.map((one) => one.scaleResolutionDownBy)).toEqual([8, 4, 2]);
  });

  test("of a low picture do not grow", () => {
    expect(limited(SIZES, { ...NO_LIMITS, height: 1080 }, 720)).toEqual(SIZES);
  });

  test("share the bits as before", () => {
    const shared = limited(SIZES, { ...NO_LIMITS, bitrate: 1_000_000 }, 720);

    expect(shared.map((one) => one.maxBitrate)).toEqual([100_000, 300_000, 600_000]);
  });

  test("keep a lower rate than the limit", () => {
    const slow = limited(SIZES, { ...NO_LIMITS, frameRate: 18 }, 720);

    expect(slow.map((one) => one.maxFramerate)).toEqual([15, 18, 18]);
  });

  test("without limits of their own get those that are asked for", () => {
    const limits = { height: 360, frameRate: 10, bitrate: 100_000 };

    expect(limited([{}], limits, 720)).toEqual([
      { scaleResolutionDownBy: 2, maxFramerate: 10, maxBitrate: 100_000 },
    ]);
  });
});
