/** Where a call takes place. */
import { expect, test } from "vitest";
import { isNowhere, isSamePlace, placeIn } from "../../src/call/place.js";

const GROUP = "0f5f4a6e-5d2c-4f0b-9d3a-0e2c9f1b7a55";

test("a place is the same by the same room or the same group id, and nowhere is no place", () => {
  expect(isSamePlace({ roomId: "994" }, placeIn({ roomId: "994" }))).toBe(true);
  expect(isSamePlace({ groupId: GROUP }, placeIn({ groupId: GROUP.toUpperCase() }))).toBe(true);
  expect(isSamePlace({ roomId: "994" }, { roomId: "995" })).toBe(false);
  expect(isSamePlace({ roomId: GROUP }, { groupId: GROUP })).toBe(false);
  expect(isSamePlace({}, {})).toBe(false);
  expect([isNowhere({}), isNowhere({ groupId: GROUP })]).toEqual([true, false]);
});
