/** What the call page makes of errors that nobody hears. */
import { expect, test } from "vitest";
import { expectPicturesToGo } from "../src/call/quiet.js";

function isReported(reason: unknown): boolean {
  const event = new Event("unhandledrejection", { cancelable: true });
  return window.dispatchEvent(Object.assign(event, { reason }));
}

test("Only a picture that went away before it came is no error", () => {
  expectPicturesToGo();

  const gone = Object.assign(new Error("gone"), { code: 404, subCode: 43202 });
  const noFrames = Object.assign(new Error("no frames"), { code: 408, subCode: 43203 });

  expect([gone, noFrames, new Error("else"), undefined, "words"].map(isReported)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
});
