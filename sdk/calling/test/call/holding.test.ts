/** Holding a call and going on with it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { directJoined, joined, leg, ring, view } from "../fakes/joined.js";

const BO = leg("p-1");
const CY = leg("p-2", { rawId: "8:acs:resource_cy" });

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

/** The other side is in another state now. */
function others(...changed: object[]): void {
  bench.server.tell("legsChanged", { callId: "call-1", changed, removed: [], ends: {} });
}

async function between(): Promise<Call> {
  const call = bench.agent.startCall([{ communicationUserId: "8:acs:resource_bo" }]);
  (await bench.server.next("start")).answer(directJoined([BO]));
  await bench.up(1);
  return call;
}

/** Ask for it, have the server do it, and wait. */
async function done(what: Promise<void>): Promise<boolean> {
  const request = await bench.server.next("hold");
  request.answer({});
  await what;
  await settled();
  return request.fields["on"] as boolean;
}

const sent = (): string[] => bench.room.sent.map(({ source }) => source);

describe("a call on hold", () => {
  test("sends nothing, and what was on is on again when it goes on", async () => {
    const [camera] = await bench.devices.getCameras();
    if (camera === undefined) throw new Error("The fake browser has no camera.");
    const localVideoStreams = [new LocalVideoStream(camera)];
    const call = await bench.connect({ videoOptions: { localVideoStreams } });
    const states: string[] = [];
    call.on("stateChanged", () => states.push(call.state));
    await bench.until(() => sent().length === 2);

    expect(await done(call.hold())).toBe(true);
    expect([call.state, sent()]).toEqual(["LocalHold", []]);
    expect([call.isMuted, call.isLocalVideoStarted]).toEqual([false, true]);

    expect(await done(call.resume())).toBe(false);
    expect([call.state, sent()]).toEqual(["Connected", ["microphone", "camera"]]);
    expect(states).toEqual(["LocalHold", "Connected"]);
  });

  test("is off the wire before the server is asked: what the engine takes away stays away", async () => {
    const call = await bench.connect();
    await bench.until(() => sent().length === 1);

    const holding = call.hold();
    const request = await bench.server.next("hold");
    expect(sent()).toEqual([]);
    request.answer({});
    await holding;

    expect(call.isMuted).toBe(false);
  });

  test("takes on muting and unmuting for when it goes on", async () => {
    const call = await bench.connect();
    await done(call.hold());

    await call.mute();
    await call.unmute();
    await call.mute();
    expect(sent()).toEqual([]);
    await done(call.resume());

    expect(bench.room.sent.map(({ muted }) => muted)).toEqual([true]);
  });

  test("is held once, and goes on once, however often it is asked for", async () => {
    const call = await bench.connect();
    await call.resume();
    const first = call.hold();
    const second = call.hold();
    await done(first);
    await second;

    expect(bench.server.requests.filter(({ op }) => op === "hold")).toHaveLength(1);
    expect(call.state).toBe("LocalHold");
  });

  test("stays on hold with a new connection to the engine", async () => {
    const call = await bench.connect();
    await done(call.hold());

    bench.room.end();
    await bench.clock.passWhenAsked(50);
    await bench.up(2);

    expect([call.state, sent()]).toEqual(["LocalHold", []]);
  });

  test.each([
    { op: "hold", subCode: 41033, state: "Connected", on: ["microphone"] },
    { op: "resume", subCode: 41034, state: "LocalHold", on: [] },
  ] as const)(
    "cannot $op when the server refuses: all is as before",
    async ({ op, subCode, state, on }) => {
      const call = await bench.connect();
      await bench.until(() => sent().length === 1);
      if (op === "resume") await done(call.hold());

      const asked = call[op]();
      (await bench.server.next("hold")).refuse(412, 41090);

      await expect(asked).rejects.toMatchObject({ code: 500, subCode });
      await settled();
      expect([call.state, sent()]).toEqual([state, on]);
    },
  );

  test("can neither hold before it is Connected nor after its end", async () => {
    const call = bench.join();
    await expect(call.hold()).rejects.toMatchObject({ code: 412, subCode: 49013 });

    (await bench.server.next("join")).answer(joined());
    await bench.up(1);
    bench.server.tell("ended", {
      ...{ callId: "call-1", participantId: "me-1" },
      ...{ code: 0, subCode: 5317, message: "Removed." },
    });
    await bench.until(() => call.state === "Disconnected");

    await expect(call.resume()).rejects.toMatchObject({ code: 412, subCode: 49013 });
    expect(call.state).toBe("Disconnected");
  });

  test("can be hung up", async () => {
    const call = await bench.connect();
    await done(call.hold());

    const leaving = call.hangUp();
    (await bench.server.next("leave")).answer({});
    await leaving;

    expect(call.state).toBe("Disconnected");
  });

  test("is as the server has it once the agent is in touch again", async () => {
    const call = await bench.connect();
    const { leg: own, ...rest } = view() as { leg: object };

    bench.server.tell("snapshot", { ...rest, leg: { ...own, state: "hold" } });
    await bench.until(() => call.state === "LocalHold");
    expect(sent()).toEqual([]);
    bench.server.tell("snapshot", { ...rest, leg: { ...own, state: "connected" } });
    await bench.until(() => call.state === "Connected");
    await settled();

    expect(sent()).toEqual(["microphone"]);
  });
});

describe("between two", () => {
  test("the other's hold is told, and both have to go on", async () => {
    const call = await between();

    others(leg("p-1", { state: "hold" }));
    await bench.until(() => call.state === "RemoteHold");
    expect(call.remoteParticipants[0]?.state).toBe("Hold");
    await done(call.hold());
    expect(call.state).toBe("LocalHold");
    await done(call.resume());
    expect(call.state).toBe("RemoteHold");
    others(BO);
    await bench.until(() => call.state === "Connected");
  });

  test("a third makes it a call of many, where each holds for himself", async () => {
    const call = await between();
    others(CY, leg("p-1", { state: "hold" }));
    await bench.until(() => call.remoteParticipants.length === 2);

    expect(call.state).toBe("Connected");
  });
});

test("in a room, who holds is shown so, and the call goes on", async () => {
  const call = await bench.connect({}, joined("Presenter", [BO]));
  const [bo] = call.remoteParticipants;

  others(leg("p-1", { state: "hold" }));
  await bench.until(() => bo?.state === "Hold");

  expect(call.state).toBe("Connected");
});

test("of an agent's calls one is active: accepting another holds the first, resuming it the other", async () => {
  const first = await bench.connect();
  const rung = new Promise<Call>((resolve) => {
    bench.agent.on("incomingCall", ({ incomingCall }) => resolve(incomingCall.accept()));
  });
  bench.server.tell("incoming", ring("me-2"));
  const answer = directJoined([BO]) as { call: object; leg: object };
  (await bench.server.next("accept")).answer({
    ...answer,
    call: { ...answer.call, callId: "call-2" },
    leg: { ...answer.leg, participantId: "me-2" },
  });
  (await bench.server.next("hold")).answer({});
  const second = await rung;
  await bench.up(2);
  await bench.until(() => second.state === "Connected");
  expect(first.state).toBe("LocalHold");

  const back = first.resume();
  const asked = await bench.server.next("hold");
  expect(asked.fields).toMatchObject({ callId: "call-2", on: true });
  asked.answer({});
  await done(back);

  expect([first.state, second.state]).toEqual(["Connected", "LocalHold"]);
});
