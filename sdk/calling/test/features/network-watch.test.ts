/** What a call tells of its network. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { DiagnosticQuality, type LatestNetworkDiagnostics } from "../../src/api/diagnostics.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const latest = (call: Call): Record<string, unknown> => {
  const all: LatestNetworkDiagnostics = call
    .feature(Features.UserFacingDiagnostics)
    .network.getLatest();
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, one.value]));
};

describe("reconnecting", () => {
  test("is bad while media is down, and good when it is back", async () => {
    const call = await bench.connect();
    const told: unknown[] = [];
    call
      .feature(Features.UserFacingDiagnostics)
      .network.on("diagnosticChanged", ({ diagnostic, value }) => told.push([diagnostic, value]));

    bench.room.end();
    await bench.clock.passWhenAsked(50);
    expect(latest(call)).toEqual({ networkReconnect: 3 });
    await bench.up(2);

    expect(told).toEqual([
      ["networkReconnect", 3],
      ["networkReconnect", 1],
    ]);
  });

  test("is poor while media alone is away, and bad when signalling is, too", async () => {
    const call = await bench.connect();
    bench.room.health = { ...bench.room.health, media: false };
    await bench.clock.pass(1_000);
    expect(latest(call)).toEqual({ networkReconnect: 2 });

    bench.room.health = { ...bench.room.health, signalling: false };
    await bench.clock.pass(1_000);

    expect(latest(call)).toEqual({ networkReconnect: 3 });
  });

  test("is no news before media was up for the first time", async () => {
    const call = bench.join();

    await bench.clock.pass(1_000);

    expect(latest(call)).toEqual({});
  });

  test("is no news while signalling alone is away", async () => {
    const call = await bench.connect();

    bench.room.health = { ...bench.room.health, signalling: false };
    await bench.clock.pass(1_000);

    expect(latest(call)).toEqual({});
  });

  test("stays as it was when the call ends", async () => {
    const call = await bench.connect();
    bench.room.end();
    await bench.clock.passWhenAsked(50);

    await call.hangUp();
    await bench.clock.pass(5_000);

    expect(latest(call)).toEqual({ networkReconnect: 3 });
  });
});

describe("the quality", () => {
  const good = DiagnosticQuality.Good;
  const poor = DiagnosticQuality.Poor;
  const bad = DiagnosticQuality.Bad;

  test.each([
    ["is good once it was poor", { quality: good, others: [good] }, [1, 1]],
    [
      "to receive is that of the best of the others",
      { quality: good, others: [poor, good] },
      [1, 1],
    ],
    ["to receive is poor when all others are", { quality: good, others: [poor, poor] }, [1, 2]],
    ["says nothing of others who are lost", { quality: good, others: [bad] }, [1, 1]],
    ["is bad both ways when we are lost", { quality: bad, others: [good] }, [3, 3]],
  ])("%s", async (_, now, [send, receive]) => {
    const call = await bench.connect();
    bench.room.health = { ...bench.room.health, quality: poor };
    await bench.clock.pass(1_000);
    expect(latest(call)).toEqual({ networkSendQuality: 2, networkReceiveQuality: 2 });

    bench.room.health = { ...bench.room.health, ...now };
    await bench.clock.pass(1_000);

    expect(latest(call)).toEqual({ networkSendQuality: send, networkReceiveQuality: receive });
  });
});

test("there is no network while the device has none and media is away", async () => {
  const call = bench.join();
  bench.page.hasNetwork = false;

  await bench.clock.pass(1_000);

  expect(latest(call)).toEqual({ noNetwork: true });
});

test("a device that believes to have no network while media comes through has one", async () => {
  const call = await bench.connect();
  bench.page.hasNetwork = false;

  await bench.clock.pass(1_000);

  expect(latest(call)).toEqual({});
});

test("relays are not reachable when media finds no way, until it finds one", async () => {
  const call = await bench.connect();
  bench.room.listener.onUnreachable();
  expect(latest(call)).toEqual({ networkRelaysNotReachable: true });

  bench.room.end();
  await bench.clock.passWhenAsked(50);
  await bench.up(2);

  expect(latest(call)).toMatchObject({ networkRelaysNotReachable: false });
});
