/** What a call makes ready while the server decides about it. */
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

test("its room is made ready before the answer, and connects after it", async () => {
  const call = bench.join();
  const request = await bench.server.next("join");
  const ready = bench.engine.made.map(({ isPrepared, address }) => ({ isPrepared, address }));
  request.answer(joined());
  await bench.up(1);

  expect(ready).toEqual([{ isPrepared: true, address: undefined }]);
  expect(bench.engine.rooms).toEqual(bench.engine.made);
  expect(call.state).toBe("Connected");
});

test.each([
  ["is refused", async (_call: Call) => (await bench.server.next("join")).refuse(403, 5828)],
  ["is hung up before the answer", async (call: Call) => call.hangUp()],
])("the room of a call that %s is closed, and never connects", async (_how, end) => {
  const call = bench.join();
  await bench.until(() => bench.engine.made.length === 1);
  await end(call);
  await bench.until(() => call.state === "Disconnected");

  expect(bench.engine.made.map(({ isClosed }) => isClosed)).toEqual([true]);
  expect(bench.engine.rooms).toEqual([]);
});

test("an answer that was lost is asked for again with the same room at hand", async () => {
  const call = bench.join();
  await bench.server.next("join");
  bench.server.drop();
  await bench.clock.passWhenAsked(100);
  await bench.clock.passWhenAsked(300);
  (await bench.server.next("join")).answer(joined());
  await bench.up(1);

  expect(bench.engine.made).toHaveLength(1);
  expect(call.state).toBe("Connected");
});
