/** What a caller's app gives its call to take along, and what the called one's reads. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { IncomingCall } from "../../src/api/agent.js";
import type { CustomContext } from "../../src/api/phones.js";
import { Bench } from "../fakes/bench.js";
import { ring } from "../fakes/joined.js";

const BO = { communicationUserId: "8:acs:resource_bo" };
const ROUTE = { key: "route", value: "front desk" };
const BAD = expect.objectContaining({ code: 400, subCode: 49026 });

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const call = (customContext: unknown): unknown =>
  // What untyped apps pass.
  bench.agent.startCall([BO], { customContext: customContext as CustomContext });

async function sent(): Promise<unknown> {
  return (await bench.server.next("start")).fields["customContext"];
}

async function rung(more: object): Promise<IncomingCall> {
  const arrived = new Promise<IncomingCall>((resolve) => {
    bench.agent.on("incomingCall", ({ incomingCall }) => resolve(incomingCall));
  });
  bench.server.tell("incoming", { ...ring(), ...more });
  return arrived;
}

test("goes along with the call", async () => {
  call({ userToUser: "case 7", sipHeaders: [ROUTE], voipHeaders: [ROUTE] });

  expect(await sent()).toEqual({ userToUser: "case 7", sipHeaders: [ROUTE], voipHeaders: [ROUTE] });
});

test("knows the older name of its headers, and takes the first five for telephones", async () => {
  call({ xHeaders: [ROUTE], sipHeaders: Array.from({ length: 6 }, () => ROUTE) });

  expect(await sent()).toEqual({
    voipHeaders: [ROUTE],
    sipHeaders: Array.from({ length: 5 }, () => ROUTE),
  });
});

test("is left out when there is none", async () => {
  call(undefined);

  expect(await sent()).toBeUndefined();
});

test.each([
  ["a text", "case 7"],
  ["a number as text", { userToUser: 7 }],
  ["too long a text", { userToUser: "x".repeat(1_025) }],
  ["headers that are none", { voipHeaders: [undefined] }],
  ["headers that are no list", { sipHeaders: ROUTE }],
  ["a header without a key", { voipHeaders: [{ key: "", value: "x" }] }],
  ["too long a key", { voipHeaders: [{ key: "k".repeat(65), value: "x" }] }],
  ["too long a value for telephones", { sipHeaders: [{ key: "k", value: "x".repeat(257) }] }],
  ["too many headers", { voipHeaders: Array.from({ length: 51 }, () => ROUTE) }],
])("%s is refused at once", (_what, customContext) => {
  expect(() => call(customContext)).toThrow(BAD);
  expect(bench.agent.calls).toEqual([]);
});

test("is read from the incoming call, which keeps it from changes", async () => {
  const incoming = await rung({ customContext: { userToUser: "case 7", voipHeaders: [ROUTE] } });
  const expected = {
    userToUser: "case 7",
    sipHeaders: [],
    voipHeaders: [ROUTE],
    xHeaders: [ROUTE],
  };

  const first = incoming.customContext;
  expect(first).toEqual(expected);
  first?.voipHeaders?.pop();

  expect(incoming.customContext).toEqual(expected);
});

test("an incoming call without one has none", async () => {
  expect((await rung({})).customContext).toBeUndefined();
});
