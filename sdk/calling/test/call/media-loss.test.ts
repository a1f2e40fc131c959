/** What becomes of a call whose media does not come up, or does not come back. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Bench } from "../fakes/bench.js";
import { joined } from "../fakes/joined.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const reasonOf = (call: Call): string =>
  `${call.callEndReason?.code}/${call.callEndReason?.subCode}`;

test("media that never comes up ends the call with 410/3100, and the server is told", async () => {
  bench.engine.isAway = true;
  const call = bench.join();
  (await bench.server.next("join")).answer(joined());
  await bench.engine.room(1);

  await bench.passTillGivenUp();
  await bench.server.next("leave");
  await bench.until(() => call.state === "Disconnected");

  expect(reasonOf(call)).toBe("410/3100");
});

test("media that does not come back ends the call with 410/301005", async () => {
  const call = await bench.connect();
  bench.engine.isAway = true;

  bench.room.end();
  await bench.passTillGivenUp();
  await bench.until(() => call.state === "Disconnected");

  expect(reasonOf(call)).toBe("410/301005");
});

test("where the server says in time why media is gone, its word counts", async () => {
  const call = await bench.connect();
  bench.engine.isAway = true;
  bench.room.end();
  await bench.passTillItsWordIsAwaited();
  expect([call.state, bench.clock.now() >= 120_000]).toEqual(["Connected", true]);

  const own = { callId: "call-1", participantId: "me-1", message: "Lost." };
  bench.server.tell("ended", { ...own, code: 410, subCode: 301005 });
  await bench.until(() => call.state === "Disconnected");

  expect(reasonOf(call)).toBe("410/301005");
});

test("what the server makes of the farewell does not hide why the call ended", async () => {
  const call = await bench.connect();
  bench.engine.isAway = true;
  bench.server.silent.add("leave");

  bench.room.end();
  await bench.passTillGivenUp();
  const farewell = await bench.server.next("leave");
  const own = { callId: "call-1", participantId: "me-1" };
  bench.server.tell("ended", { ...own, code: 0, subCode: 0, message: "Left." });
  farewell.answer({});
  await bench.until(() => call.state === "Disconnected");

  expect(reasonOf(call)).toBe("410/301005");
});

test("the chosen speaker is used in every room", async () => {
  bench.browser.plug(
    ...bench.browser.devices,
    { kind: "audiooutput", deviceId: "hall", label: "Hall" },
    { kind: "audiooutput", deviceId: "desk", label: "Desk" },
  );
  const [, hall, desk] = await bench.devices.getSpeakers();
  if (hall === undefined || desk === undefined) throw new Error("There are speakers.");
  await bench.devices.selectSpeaker(hall);
  await bench.connect();
  expect(bench.room.speaker).toBe("hall");

  await bench.devices.selectSpeaker(desk);
  expect(bench.room.speaker).toBe("desk");
  bench.room.end();
  await bench.clock.passWhenAsked(50);
  await bench.up(2);

  expect(bench.room.speaker).toBe("desk");
});

test("a refused call has no id at the server, and says so", async () => {
  const call = bench.join();
  const asked = call.info.getServerCallId().catch((error: unknown) => error);
  (await bench.server.next("join")).refuse(403, 5829);

  expect(await asked).toMatchObject({ code: 412 });
});

test("the ids of a call tell when they are known", async () => {
  const call = bench.join();
  const heard: (string | undefined)[] = [];
  const listener = (): void => void heard.push(call.info.participantId);
  call.info.onCallInfoChanged("callInfoChanged", listener);
  (await bench.server.next("join")).answer(joined());
  await bench.up(1);

  call.info.offCallInfoChanged("callInfoChanged", listener);

  expect(heard).toEqual(["me-1"]);
});
