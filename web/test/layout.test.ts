/** How tiles share the stage. */
import { describe, expect, test } from "vitest";
import { arrange, arrangement, chooseShown, strip, tileLimit } from "../src/sample/layout.js";

const SPACES = [
  { width: 1256, height: 640, gap: 8 },
  { width: 344, height: 520, gap: 8 },
  { width: 620, height: 240, gap: 8 },
  { width: 1900, height: 900, gap: 8 },
];

const CASES = SPACES.flatMap((space) =>
  [1, 2, 3, 4, 5, 9, 16, 25].map((count) => ({ count, space })),
);

describe("the grid", () => {
  test.each(CASES)(
    "of $count tiles fits into $space.width by $space.height",
    ({ count, space }) => {
      const grid = arrange(count, space);

      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
      expect(grid.columns * grid.tileWidth + (grid.columns - 1) * space.gap).toBeLessThanOrEqual(
        space.width,
      );
      expect(grid.rows * grid.tileHeight + (grid.rows - 1) * space.gap).toBeLessThanOrEqual(
        space.height,
      );
      expect(grid.tileWidth).toBeGreaterThan(0);
    },
  );

  test("puts two people side by side on a desk and one above the other on a phone", () => {
    expect(arrange(2, { width: 1256, height: 640, gap: 8 }).columns).toBe(2);
    expect(arrange(2, { width: 344, height: 520, gap: 8 }).columns).toBe(1);
  });

  test("of one tile fills a phone", () => {
    expect(arrange(1, { width: 344, height: 520, gap: 8 })).toMatchObject({
      tileWidth: 344,
      tileHeight: 520,
    });
  });

  test("never makes a picture wider than film once there are several", () => {
    const grid = arrange(2, { width: 4000, height: 300, gap: 8 });

    expect(grid.tileWidth / grid.tileHeight).toBeLessThanOrEqual(16 / 9);
  });

  test("has no size where there is no room", () => {
    expect(arrange(3, { width: 0, height: 0, gap: 8 })).toMatchObject({
      tileWidth: 0,
      tileHeight: 0,
    });
    expect(arrange(0, { width: 100, height: 100, gap: 8 })).toMatchObject({ tileWidth: 0 });
  });
});

describe("the strip beside a shared screen", () => {
  test("runs down where it is high and along where it is wide", () => {
    expect(strip(4, { width: 216, height: 640, gap: 8 })).toMatchObject({
      columns: 1,
      rows: 4,
      tileWidth: 216,
    });
    expect(strip(4, { width: 344, height: 104, gap: 8 })).toMatchObject({
      columns: 4,
      rows: 1,
      tileHeight: 104,
    });
  });
});

describe("the arrangement", () => {
  test.each([
    [0, false, "alone"],
    [1, false, "pair"],
    [2, false, "grid"],
    [0, true, "share"],
    [8, true, "share"],
  ])("with %i others, sharing %s, is %s", (others, sharing, expected) => {
    expect(arrangement(others, sharing)).toBe(expected);
  });
});

describe("tiles for some of many", () => {
  test("are fewer on a phone and beside a shared screen", () => {
    const desk = { width: 1256, height: 640, gap: 8 };
    const phone = { width: 344, height: 520, gap: 8 };

    expect(tileLimit(desk, false)).toBe(24);
    expect(tileLimit(phone, false)).toBe(5);
    expect(tileLimit(desk, true)).toBe(3);
    expect(tileLimit(phone, true)).toBe(2);
  });

  test("go to everybody while there is room", () => {
    expect(chooseShown([1, 2, 3], 3, () => 0)).toEqual([1, 2, 3]);
  });

  test("go to those seen and heard first, in the old order", () => {
    expect(chooseShown([0, 1, 0, 2, 1], 3, (weight) => weight)).toEqual([1, 2, 1]);
    expect(chooseShown(["a", "b", "c"], 2, () => 0)).toEqual(["a", "b"]);
    expect(chooseShown(["a"], 0, () => 0)).toEqual([]);
  });
});
