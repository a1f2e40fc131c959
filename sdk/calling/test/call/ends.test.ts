/** Every reason that ends a call, by what brings it about: how apps count it, and which page they show. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call, CallResultCategory } from "../../src/api/call.js";
import { MediaRefused } from "../../src/media/port.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { joined } from "../fakes/joined.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

/** The reason's numbers, and how it is counted. */
async function endOf(call: Call): Promise<unknown> {
  await bench.until(() => call.state === "Disconnected");
  const { code, subCode, resultCategories = [] } = call.callEndReason ?? { code: undefined };
  return [`${code}/${subCode}`, ...resultCategories];
}

type Row = [number, number, CallResultCategory];

const REFUSED: Row[] = [
  [401, 10009, "UnexpectedClientError"],
  [403, 5828, "UnexpectedClientError"],
  [403, 5829, "UnexpectedClientError"],
  [403, 5830, "ExpectedError"],
  [403, 10124, "ExpectedError"],
  [404, 5732, "ExpectedError"],
  [413, 5808, "ExpectedError"],
  [480, 10037, "ExpectedError"],
];

const TOLD: Row[] = [
  [0, 0, "Success"],
  [0, 4097, "Success"],
  [0, 4521, "ExpectedError"],
  [0, 5300, "Success"],
  [0, 5317, "ExpectedError"],
  [0, 7000, "Success"],
  [403, 0, "UnexpectedClientError"],
  [408, 10057, "UnexpectedClientError"],
  [410, 301004, "UnexpectedClientError"],
  [410, 301005, "UnexpectedClientError"],
  [429, 10110, "ExpectedError"],
  [487, 0, "Success"],
  [487, 10003, "Success"],
  [487, 10004, "ExpectedError"],
  [487, 10024, "Success"],
  [603, 0, "Success"],
];

const SIGNED_OUT: Row[] = [
  [401, 10009, "UnexpectedClientError"],
  [495, 4507, "UnexpectedClientError"],
];

describe("the server's reasons", () => {
  test.each(REFUSED)("%d/%d for not letting in", async (code, subCode, category) => {
    const call = bench.join();

    (await bench.server.next("join")).refuse(code, subCode);

    expect(await endOf(call)).toEqual([`${code}/${subCode}`, category]);
  });

  test.each(TOLD)("%d/%d for the end of a call that is up", async (code, subCode, category) => {
    const call = await bench.connect();

    const own = { callId: "call-1", participantId: "me-1", message: "" };
    bench.server.tell("ended", { ...own, code, subCode });

    expect(await endOf(call)).toEqual([`${code}/${subCode}`, category]);
  });

  test.each(SIGNED_OUT)("%d/%d for the end of the token", async (code, subCode, category) => {
    const call = await bench.connect();

    bench.server.tell("signedOut", { code, subCode, message: "" });

    expect(await endOf(call)).toEqual([`${code}/${subCode}`, category]);
  });
});

interface Way {
  readonly end: string;
  readonly counts: CallResultCategory;
  readonly by: () => Promise<Call>;
}

/** Let more than two minutes pass on a line that stays alive. */
async function passTwoMinutes(): Promise<void> {
  for (let rounds = 0; rounds < 9; rounds += 1) {
    await bench.clock.passWhenAsked(15_000);
    await bench.clock.cleared(5_000);
  }
}

const WAYS: Readonly<Record<string, Way>> = {
  "the own hangUp": {
    ...{ end: "0/0", counts: "Success" },
    by: async () => {
      const call = await bench.connect();
      await call.hangUp();
      return call;
    },
  },
  "media that never comes up": {
    ...{ end: "410/301004", counts: "UnexpectedClientError" },
    by: async () => {
      bench.engine.isAway = true;
      const call = bench.join();
      (await bench.server.next("join")).answer(joined());
      await bench.engine.room(1);
      await passTwoMinutes();
      return call;
    },
  },
  "media that does not come back": {
    ...{ end: "410/301005", counts: "UnexpectedClientError" },
    by: async () => {
      const call = await bench.connect();
      bench.engine.isAway = true;
      bench.room.end();
      await passTwoMinutes();
      return call;
    },
  },
  "the gate, when the server says nothing": {
    ...{ end: "403/5828", counts: "UnexpectedClientError" },
    by: async () => {
      const call = await bench.connect();
      bench.room.end();
      await bench.clock.passWhenAsked(50);
      (await bench.engine.room(2)).fail(new MediaRefused(403, 5828, "The leg has ended."));
      await bench.clock.passWhenAsked(3_000);
      return call;
    },
  },
  "a server that is away for two minutes": {
    ...{ end: "496/7", counts: "ExpectedError" },
    by: async () => {
      const call = await bench.connect();
      await bench.server.stop();
      await bench.until(() => bench.agent.connectionState === "Disconnected");
      await bench.clock.pass(120_000);
      return call;
    },
  },
  "a server that has forgotten the call": {
    ...{ end: "0/4521", counts: "ExpectedError" },
    by: async () => {
      const call = await bench.connect();
      bench.server.drop();
      await bench.clock.passWhenAsked(100);
      await bench.until(() => bench.agent.connectionState === "Connected");
      await bench.clock.passWhenAsked(5_000);
      return call;
    },
  },
  "a server that does not answer the join": {
    ...{ end: "408/10057", counts: "UnexpectedClientError" },
    by: async () => {
      const call = bench.join();
      await bench.server.next("join");
      while (call.state !== "Disconnected") {
        await bench.clock.pass(1_000);
        await settled();
      }
      return call;
    },
  },
};

test.each(Object.entries(WAYS))("by %s", async (_way, { end, counts, by }) => {
  const call = await by();

  expect(await endOf(call)).toEqual([end, counts]);
});
