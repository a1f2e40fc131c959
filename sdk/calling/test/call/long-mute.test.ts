/** A microphone that is muted for long: it costs nobody anything, and is there with the next word. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";

const LONG_MUTE_MS = 300_000;

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const sent = (): boolean[] => bench.room.sent.map(({ muted }) => muted);

test("is taken off, stays off with another device, and is back with the next word", async () => {
  const call = await bench.connect();
  await bench.until(() => bench.room.sent.length === 1);
  await call.mute();
  await bench.clock.pass(LONG_MUTE_MS - 1);
  const before = sent();
  await bench.clock.pass(1);
  const after = sent();
  bench.browser.opened[0]?.unplug();
  await settled();
  const withAnother = sent();

  await call.unmute();

  expect([before, after, withAnother]).toEqual([[true], [], []]);
  expect(sent()).toEqual([false]);
});

test("is not taken off when a word came between", async () => {
  const call = await bench.connect();
  await bench.until(() => bench.room.sent.length === 1);
  await call.mute();
  await bench.clock.pass(LONG_MUTE_MS - 1);
  await call.unmute();

  await bench.clock.pass(LONG_MUTE_MS);

  expect(sent()).toEqual([false]);
});

test("keeps nothing waiting when the call is over", async () => {
  const call = await bench.connect();
  await bench.until(() => bench.room.sent.length === 1);
  await call.mute();

  await call.hangUp();

  await bench.clock.cleared(LONG_MUTE_MS);
});
