/** Joining and leaving while connections break. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Refused } from "../../src/signalling/line.js";
import type { FullMediaAddress } from "../../src/signalling/media-address.js";
import { Operations } from "../../src/signalling/operations.js";
import { type Bench, benchFor, toldOf } from "../fakes/agent.js";
import { joined } from "../fakes/joined.js";
import { FakeServer, type Request } from "../fakes/server.js";

let server: FakeServer;
let bench: Bench;
let operations: Operations;
let calledOff: AbortController;
let asked: number;
let early: (FullMediaAddress | undefined)[];

beforeEach(async () => {
  server = await FakeServer.start();
  bench = benchFor(server);
  operations = new Operations(bench.socket, bench.clock, () => 0.5);
  calledOff = new AbortController();
  asked = 0;
  early = [];
  await bench.socket.start();
});

afterEach(async () => {
  await server.stop();
});

const join = (): Promise<unknown> =>
  operations
    .enter({
      op: "join",
      fields: { roomId: "994" },
      joinId: "join-1",
      onAsked: (address) => {
        asked += 1;
        early.push(address);
      },
      signal: calledOff.signal,
      withinMs: 60_000,
    })
    .catch((error: unknown) => error);

test("joining gives the call, the own leg, the others and the way to the media", async () => {
  const outcome = join();
  const request = await server.next("join");
  request.answer(joined());

  expect(request.fields).toEqual({ roomId: "994", joinId: "join-1", ticket: "ticket-1" });
  expect(await outcome).toMatchObject({
    call: { callId: "call-1", roomId: "994", serverCallId: "server-call-1" },
    leg: { participantId: "me-1", role: "Presenter" },
    media: { path: "/calling/v1/media", ticket: "ticket-1" },
  });
});

test("it is told when the request is on its way, before there is an answer", async () => {
  const outcome = join();
  const before = asked;
  const request = await server.next("join");

  expect([before, asked]).toEqual([0, 1]);
  request.answer(joined());
  await outcome;
});

/** Join and be answered; what was asked. */
async function joinedOnce(): Promise<Request> {
  const outcome = join();
  const request = await server.next("join");
  request.answer(joined());
  await outcome;
  return request;
}

/** Join, and lose the connection before the answer; what is asked on the next one, and what came of it. */
async function joinedAgain(): Promise<{ again: Request; came: unknown }> {
  const outcome = join();
  await server.next("join");
  server.drop();
  await bench.clock.passWhenAsked(100);
  await toldOf(bench, 3);
  await bench.clock.passWhenAsked(300);
  const again = await server.next("join");
  again.answer(joined());
  return { again, came: await outcome };
}

describe("the ticket that was told for the next call", () => {
  test("goes with the request, and opens the media meanwhile", async () => {
    const outcome = join();
    const request = await server.next("join");

    expect(request.fields["ticket"]).toBe("ticket-1");
    expect(early).toEqual([
      { url: `${server.url.replace("http", "ws")}/calling/v1/media`, ticket: "ticket-1" },
    ]);
    request.answer(joined());
    await outcome;
  });

  test("is another one for each call", async () => {
    await joinedOnce();
    const request = await joinedOnce();

    expect(request.fields["ticket"]).toBe("ticket-2");
  });

  test("is not used for two that are entered at once", async () => {
    const both = [join(), join()];
    const requests = [await server.next("join"), await server.next("join")];
    for (const request of requests) request.answer(joined());
    await Promise.all(both);

    expect(requests.map(({ fields }) => fields["ticket"])).toEqual(["ticket-1", undefined]);
    expect(early.map((one) => one?.ticket)).toEqual(["ticket-1", undefined]);
  });

  test("is kept when the server does not let in", async () => {
    const first = join();
    (await server.next("join")).refuse(403, 5828);
    await first;
    const request = await joinedOnce();

    expect(request.fields["ticket"]).toBe("ticket-1");
  });

  test("is a new one on a new connection", async () => {
    const { again } = await joinedAgain();

    expect(again.fields["ticket"]).toBe("ticket-1");
    expect(early).toHaveLength(2);
  });
});

test("a lost answer is asked for again under the same join id", async () => {
  const { again, came } = await joinedAgain();

  expect(again.fields["joinId"]).toBe("join-1");
  expect(came).toMatchObject({ call: { callId: "call-1" } });
});

test("an answer that never comes is asked for again", async () => {
  const outcome = join();
  await server.next("join");
  await bench.clock.pass(15_000);
  await server.next("ping");
  await bench.clock.cleared(5_000);
  await bench.clock.passWhenAsked(300);
  const again = await server.next("join");
  again.answer(joined());

  expect(await outcome).toMatchObject({ call: { callId: "call-1" } });
});

test("a refusal is final, with the server's code", async () => {
  const outcome = join();
  (await server.next("join")).refuse(403, 5828);

  const error = await outcome;

  expect(error).toBeInstanceOf(Refused);
  expect(error).toMatchObject({ verdict: { code: 403, subCode: 5828 } });
});

test("a server that says try again is tried again", async () => {
  const outcome = join();
  (await server.next("join")).refuse(503, 0);
  await bench.clock.passWhenAsked(300);
  (await server.next("join")).answer(joined());

  expect(await outcome).toMatchObject({ call: { callId: "call-1" } });
});

test("after its time joining ends with the last reason", async () => {
  const outcome = join();
  (await server.next("join")).refuse(503, 0);
  await bench.clock.passWhenAsked(300);
  await server.next("join");
  await bench.clock.pass(60_000);
  await bench.clock.passWhenAsked(700);

  expect(await outcome).toMatchObject({ verdict: { code: 503, subCode: 0 } });
});

test("joining that is called off gives nothing, and gives a late seat back", async () => {
  const outcome = join();
  const request = await server.next("join");

  calledOff.abort();
  expect(await outcome).toBeUndefined();
  request.answer(joined());
  const leave = await server.next("leave");

  expect(leave.fields).toEqual({ callId: "call-1" });
  await operations.settled;
});

test("joining fails at once when the token is no good any more", async () => {
  server.close(4401);
  await toldOf(bench, 2);

  expect(await join()).toMatchObject({ verdict: { code: 401, subCode: 10009 } });
});

test("leaving waits for the answer, and not longer than a moment", async () => {
  server.silent.add("leave");
  let left = false;
  const leaving = operations.leave("call-1").then(() => {
    left = true;
  });
  await server.next("leave");
  expect(left).toBe(false);

  await bench.clock.passWhenAsked(2_000);
  await leaving;

  expect(left).toBe(true);
});
