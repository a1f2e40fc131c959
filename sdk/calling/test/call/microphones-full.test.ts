/** Where as many microphones are open as may be: who is refused, what the app sees, and the next try. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { joined } from "../fakes/joined.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const sent = (): string[] =>
  bench.room.sent.map(({ source, muted }) => `${source}${muted ? " muted" : ""}`);

function listen(call: Call): string[] {
  const heard: string[] = [];
  call.on("isMutedChanged", () => heard.push(`muted ${call.isMuted}`));
  return heard;
}

const full = { code: 412, subCode: 49027, name: "CommunicationServicesError" };
const warned = (call: Call): boolean =>
  call.feature(Features.UserFacingDiagnostics).media.getLatest().microphoneMuteUnexpectedly
    ?.value === true;

test("unmuting rejects, the call stays muted, and the next try may succeed", async () => {
  const call = await bench.connect({ audioOptions: { muted: true } });
  const heard = listen(call);
  bench.room.isFull = true;

  await expect(call.unmute()).rejects.toMatchObject(full);
  await expect(call.unmute()).rejects.toMatchObject(full);
  expect([call.isMuted, bench.browser.opened[0]?.enabled]).toEqual([true, false]);
  expect(heard).toEqual([]);
  bench.room.isFull = false;
  await call.unmute();

  expect(heard).toEqual(["muted false"]);
  expect(sent()).toEqual(["microphone"]);
  expect(bench.browser.opened.map(({ enabled }) => enabled)).toEqual([true]);
});

test("who speaks from the start joins muted and sees why, until the microphone is open", async () => {
  const joining = bench.join();
  const heard = listen(joining);
  (await bench.server.next("join")).answer(joined());
  const room = await bench.engine.room(1);
  room.isFull = true;
  room.accept();
  await bench.until(() => joining.isMuted);

  expect(heard).toEqual(["muted true"]);
  expect(warned(joining)).toBe(true);
  room.isFull = false;
  await joining.unmute();

  expect(sent()).toEqual(["microphone"]);
  expect(warned(joining)).toBe(false);
});

test("who comes back to media and finds the place taken is muted and sees why", async () => {
  const call = await bench.connect();
  await bench.until(() => bench.room.sent.length === 1);
  const heard = listen(call);

  bench.room.end();
  await bench.clock.passWhenAsked(50);
  const next = await bench.engine.room(2);
  next.isFull = true;
  next.accept();
  await bench.until(() => call.isMuted);

  expect(heard).toEqual(["muted true"]);
  expect(next.sent.map(({ muted }) => muted)).toEqual([true]);
  expect(warned(call)).toBe(true);
});
