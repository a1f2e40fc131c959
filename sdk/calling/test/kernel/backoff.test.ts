/** Waiting between tries. */
import { expect, test } from "vitest";
import { Backoff } from "../../src/kernel/backoff.js";

test("waits grow to the last step and stay there", () => {
  const backoff = new Backoff([100, 300, 1_000], () => 0.5);

  const waits = [backoff.next(), backoff.next(), backoff.next(), backoff.next()];

  expect(waits).toEqual([100, 300, 1_000, 1_000]);
});

test("waits are spread from half a step to one and a half", () => {
  const early = new Backoff([1_000], () => 0);
  const late = new Backoff([1_000], () => 0.999);

  expect(early.next()).toBe(500);
  expect(late.next()).toBe(1_499);
});

test("after a reset the first step comes again", () => {
  const backoff = new Backoff([100, 300], () => 0.5);
  backoff.next();
  backoff.next();

  backoff.reset();

  expect(backoff.next()).toBe(100);
});
