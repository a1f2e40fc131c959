/** Every reason that ends a call, by what brings it about: how apps count it, and which page they show. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call, CallResultCategory } from "../../src/api/call.js";
import * as reasons from "../../src/call/end-reason.js";
import { MediaRefused } from "../../src/media/port.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { joined } from "../fakes/joined.js";
import { DOCUMENTED } from "./documented.js";
import { NOT_HERE } from "./not-here.js";
import ofServer from "./of-server.json" with { type: "json" };

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

const {
  refused: REFUSED,
  told: TOLD,
  signedOut: SIGNED_OUT,
} = ofServer as unknown as Readonly<Record<"refused" | "told" | "signedOut", Row[]>>;
/** What servers of other versions may say. */
const OF_OTHERS: Row[] = [[403, 5830, "ExpectedError"]];

describe("the server's reasons", () => {
  test.each([...REFUSED, ...OF_OTHERS])(
    "%d/%d for not letting in",
    async (code, subCode, category) => {
      const call = bench.join();

      (await bench.server.next("join")).refuse(code, subCode);

      expect(await endOf(call)).toEqual([`${code}/${subCode}`, category]);
    },
  );

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

async function passToTheEnd(call: Call): Promise<void> {
  while (call.state !== "Disconnected") {
    await bench.clock.pass(1_000);
    await settled();
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
    ...{ end: "410/3100", counts: "UnexpectedClientError" },
    by: async () => {
      bench.engine.isAway = true;
      const call = bench.join();
      (await bench.server.next("join")).answer(joined());
      await bench.engine.room(1);
      await bench.passTillGivenUp();
      return call;
    },
  },
  "media that finds no way, though the engine answers": {
    ...{ end: "410/3112", counts: "ExpectedError" },
    by: async () => {
      const call = bench.join();
      (await bench.server.next("join")).answer(joined());
      const room = await bench.engine.room(1);
      room.listener.onAnswered(room);
      bench.engine.isAway = true;
      room.fail(new Error("no way"));
      await bench.passTillGivenUp();
      return call;
    },
  },
  "media that does not come back": {
    ...{ end: "410/301005", counts: "UnexpectedClientError" },
    by: async () => {
      const call = await bench.connect();
      bench.engine.isAway = true;
      bench.room.end();
      await bench.passTillGivenUp();
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
    ...{ end: "408/4506", counts: "UnexpectedClientError" },
    by: async () => {
      const call = bench.join();
      await bench.server.next("join");
      await passToTheEnd(call);
      return call;
    },
  },
  "a server that is out of reach when one joins": {
    ...{ end: "490/4502", counts: "UnexpectedClientError" },
    by: async () => {
      await bench.server.stop();
      await bench.until(() => bench.agent.connectionState === "Disconnected");
      const call = bench.join();
      await passToTheEnd(call);
      return call;
    },
  },
};

test.each(Object.entries(WAYS))("by %s", async (_way, { end, counts, by }) => {
  const call = await by();

  expect(await endOf(call)).toEqual([end, counts]);
});

describe("the table", () => {
  const told = [...REFUSED, ...TOLD, ...SIGNED_OUT].map(([code, subCode]) => `${code}/${subCode}`);
  const met = [...told, ...Object.values(WAYS).map(({ end }) => end)];

  test("has each documented reason: met here, or with the reason why not", () => {
    expect(DOCUMENTED.filter((one) => !met.includes(one) && !(one in NOT_HERE))).toEqual([]);
    expect(Object.keys(NOT_HERE).filter((one) => !DOCUMENTED.includes(one))).toEqual([]);
    expect(Object.keys(NOT_HERE).filter((one) => met.includes(one))).toEqual([]);
  });

  test("has the SDK's own reasons, each by what brings it about", () => {
    const ways = Object.values(WAYS).map(({ end }) => end);
    const own = Object.values(reasons).flatMap((one) =>
      typeof one === "object" ? [`${one.code}/${one.subCode}`] : [],
    );

    expect(own.filter((one) => !ways.includes(one) && !told.includes(one))).toEqual([]);
  });
});
