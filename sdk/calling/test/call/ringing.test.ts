/** Calling others, being called, and changing who is in a call. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IncomingCall } from "../../src/api/agent.js";
import type { Call } from "../../src/api/call.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { directJoined, joined, leg, ring } from "../fakes/joined.js";

const BO = { communicationUserId: "8:acs:resource_bo" };
const CY = { communicationUserId: "8:acs:resource_cy" };
const RINGING = leg("p-1", { state: "ringing" });

let bench: Bench;
let heard: string[];

beforeEach(async () => {
  bench = await Bench.start();
  heard = [];
  bench.agent.on("callsUpdated", ({ added, removed }) => {
    heard.push(`calls +${added.length} -${removed.length}`);
    for (const call of added) watch(call);
  });
});

afterEach(async () => {
  await bench.stop();
});

function watch(call: Call): void {
  call.on("stateChanged", () => heard.push(call.state));
  call.on("idChanged", () => heard.push("id"));
  call.on("roleChanged", () => heard.push(`role ${call.role}`));
  call.on("remoteParticipantsUpdated", ({ added, removed }) =>
    heard.push(`people +${added.length} -${removed.length}`),
  );
}

const reasonOf = (one: Pick<Call, "callEndReason"> | undefined): string =>
  `${one?.callEndReason?.code}/${one?.callEndReason?.subCode}`;

/** A call to Bo that rings, with the caller's media up. */
async function calling(): Promise<Call> {
  const call = bench.agent.startCall([BO]);
  (await bench.server.next("start")).answer(directJoined([RINGING]));
  await bench.up(1);
  return call;
}

/** Bo's endpoint is in another state now. */
function bo(state: string): void {
  const changed = [leg("p-1", { state })];
  bench.server.tell("legsChanged", { callId: "call-1", changed, removed: [], ends: {} });
}

/** Bo has answered. */
async function talking(): Promise<Call> {
  const call = await calling();
  bo("connected");
  await bench.until(() => call.state === "Connected");
  return call;
}

async function rung(): Promise<IncomingCall> {
  const arrived = new Promise<IncomingCall>((resolve) => {
    bench.agent.on("incomingCall", ({ incomingCall }) => resolve(incomingCall));
  });
  bench.server.tell("incoming", ring());
  return arrived;
}

describe("calling somebody", () => {
  test("goes by Connecting and Ringing to Connected once he has answered", async () => {
    const call = await calling();
    const states: string[] = [];
    const [callee] = call.remoteParticipants;
    callee?.on("stateChanged", () => states.push(callee.state));

    bo("connecting");
    bo("connected");
    await bench.until(() => call.state === "Connected");

    expect(heard).toEqual([
      ...["calls +1 -0", "Connecting", "people +1 -0", "id", "Ringing", "Connected"],
    ]);
    expect(states).toEqual(["Connecting", "Connected"]);
    expect([call.direction, call.callerInfo.identifier]).toEqual(["Outgoing", undefined]);
  });

  test("shows who is called from the first moment on", () => {
    const call = bench.agent.startCall([BO]);

    expect(call.state).toBe("None");
    expect(call.remoteParticipants.map(({ state }) => state)).toEqual(["Connecting"]);
    expect(call.remoteParticipants[0]?.identifier).toMatchObject(BO);
  });

  test("asks for each user once, by whatever form of identifier", async () => {
    // The form of older samples.
    const old = { id: "8:acs:resource_cy" };
    bench.agent.startCall([BO, { ...BO, rawId: BO.communicationUserId }, old]);

    const { fields } = await bench.server.next("start");

    expect(fields["rawIds"]).toEqual(["8:acs:resource_bo", "8:acs:resource_cy"]);
  });

  test.each([
    ["nobody", []],
    ["no list", BO],
    ["oneself", [{ communicationUserId: "8:acs:resource_ada" }]],
    ["a bot", [{ id: "8:echo123" }]],
    ["nothing", [undefined]],
  ])("%s is refused at once with 400", (_what, participants) => {
    // What untyped apps pass.
    const start = (): Call => bench.agent.startCall(participants as [typeof BO]);

    expect(start).toThrow(expect.objectContaining({ code: 400 }));
    expect(bench.agent.calls).toEqual([]);
  });

  test("a telephone is refused at once with 405", () => {
    expect(() => bench.agent.startCall([{ phoneNumber: "+4930" }])).toThrow(
      expect.objectContaining({ code: 405 }),
    );
  });

  test.each([
    [480, 10037],
    [403, 10124],
  ])("refused with %d/%d the call is over", async (code, subCode) => {
    const call = bench.agent.startCall([BO]);
    (await bench.server.next("start")).refuse(code, subCode);
    await bench.until(() => call.state === "Disconnected");

    expect(reasonOf(call)).toBe(`${code}/${subCode}`);
  });

  test("declined, it is over with the server's reason", async () => {
    const call = await calling();

    const why = { code: 603, subCode: 0, message: "Declined." };
    bench.server.tell("ended", { callId: "call-1", participantId: "me-1", ...why });
    await bench.until(() => call.state === "Disconnected");

    expect(reasonOf(call)).toBe("603/0");
    expect(call.callEndReason?.resultCategories).toEqual(["Success"]);
  });

  test("of several, who cannot be reached is gone at once, with the reason", async () => {
    const call = bench.agent.startCall([BO, CY]);
    const cy = call.remoteParticipants[1];
    (await bench.server.next("start")).answer(directJoined([RINGING]));
    await bench.until(() => call.state === "Ringing");

    expect(call.remoteParticipants).toHaveLength(1);
    expect([cy?.state, reasonOf(cy)]).toEqual(["Disconnected", "480/10037"]);
  });

  test("given up while it rings, the server is told", async () => {
    const call = await calling();

    await call.hangUp();

    expect((await bench.server.next("leave")).fields).toEqual({ callId: "call-1" });
    expect(reasonOf(call)).toBe("0/0");
  });

  test("an answer that was lost is no call that we left", async () => {
    const call = bench.agent.startCall([BO]);
    await bench.server.next("start");

    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    const { media: _media, ...view } = directJoined([RINGING]) as { media: object };
    bench.server.tell("snapshot", view);
    await bench.clock.passWhenAsked(300);
    (await bench.server.next("start")).answer(directJoined([RINGING]));
    await bench.until(() => call.state === "Ringing");

    expect(bench.server.requests.map(({ op }) => op)).not.toContain("leave");
  });
});

describe("being called", () => {
  test("tells who calls, and nothing is a call yet", async () => {
    const incoming = await rung();

    expect(incoming.kind).toBe("IncomingCall");
    expect(incoming.callerInfo).toMatchObject({ identifier: BO, displayName: "Bo Chen" });
    expect(Object.assign({}, incoming.info).participantId).toBe("me-1");
    expect(bench.agent.calls).toEqual([]);
  });

  test("accepted, it is a call with the same id that goes by Connecting to Connected", async () => {
    const incoming = await rung();

    const accepting = incoming.accept({ audioOptions: { muted: true } });
    const request = await bench.server.next("accept");
    request.answer(directJoined([leg("p-1")]));
    const call = await accepting;
    await bench.up(1);

    expect(request.fields["participantId"]).toBe("me-1");
    expect([call.id, call.direction]).toEqual([incoming.id, "Incoming"]);
    expect(call.callerInfo).toMatchObject({ identifier: BO });
    expect(heard).toEqual(["calls +1 -0", "Connecting", "Connected", "people +1 -0"]);
  });

  test("answered too late, accepting is rejected with 400/41006", async () => {
    const incoming = await rung();

    const accepting = incoming.accept().catch((error: unknown) => error);
    (await bench.server.next("accept")).refuse(400, 41006);

    expect(await accepting).toMatchObject({ code: 400, subCode: 41006 });
    expect(bench.agent.calls).toEqual([]);
  });

  test("declined, the server is told and it is over, once", async () => {
    const incoming = await rung();
    const ends: unknown[] = [];
    incoming.on("callEnded", ({ callEndReason }) => ends.push(callEndReason.code));

    const rejecting = incoming.reject();
    (await bench.server.next("reject")).answer({});
    await rejecting;
    bench.server.tell("incomingEnded", {
      ...{ participantId: "me-1", code: 603, subCode: 0, message: "Declined." },
    });
    await settled();

    expect(ends).toEqual([603]);
    await expect(incoming.accept()).rejects.toMatchObject({ code: 400, subCode: 41006 });
    await expect(incoming.reject()).rejects.toMatchObject({ code: 400, subCode: 41007 });
  });

  test("it ends with the server's reason when the caller gives up", async () => {
    const incoming = await rung();
    const ended = new Promise((resolve) => incoming.on("callEnded", resolve));

    const why = { code: 487, subCode: 0, message: "Cancelled." };
    bench.server.tell("incomingEnded", { participantId: "me-1", ...why });
    await ended;

    expect(reasonOf(incoming)).toBe("487/0");
    await expect(incoming.accept()).rejects.toMatchObject({ subCode: 41006 });
  });

  test("told again after a lost connection it is still one; not told again it is over", async () => {
    const calls: IncomingCall[] = [];
    bench.agent.on("incomingCall", ({ incomingCall }) => calls.push(incomingCall));
    bench.server.tell("incoming", ring("me-1"));
    bench.server.tell("incoming", ring("me-2"));
    await bench.until(() => calls.length === 2);

    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    bench.server.tell("incoming", ring("me-2"));
    bench.server.tell("incoming", ring("me-3"));
    await bench.until(() => calls.length === 3);
    await bench.clock.passWhenAsked(5_000);

    expect(calls.map(reasonOf)).toEqual(["487/0", "undefined/undefined", "undefined/undefined"]);
  });
});

describe("changing who is there", () => {
  test("who is added is there at once, and Connected once he has answered", async () => {
    const call = await talking();

    const cy = call.addParticipant(CY);
    const states = [cy.state];
    cy.on("stateChanged", () => states.push(cy.state));
    const request = await bench.server.next("add");
    request.answer({});
    for (const state of ["ringing", "connected"]) {
      const changed = [leg("p-2", { rawId: CY.communicationUserId, state })];
      bench.server.tell("legsChanged", { callId: "call-1", changed, removed: [], ends: {} });
    }
    await bench.until(() => cy.state === "Connected");

    expect(request.fields).toEqual({ callId: "call-1", rawIds: [CY.communicationUserId] });
    expect(states).toEqual(["Connecting", "Ringing", "Connected"]);
    expect(call.remoteParticipants).toHaveLength(2);
    expect(call.addParticipant(CY)).toBe(cy);
  });

  test("who may not be added is gone again, with the server's reason", async () => {
    const call = await talking();
    heard = [];

    const cy = call.addParticipant(CY);
    (await bench.server.next("add")).refuse(403, 5828);
    await bench.until(() => cy.state === "Disconnected");

    expect(reasonOf(cy)).toBe("403/5828");
    expect(heard).toEqual(["people +1 -0", "people +0 -1"]);
  });

  test("who declines is gone, with the reason", async () => {
    const call = await talking();
    const cy = call.addParticipant(CY);
    const changed = [leg("p-2", { rawId: CY.communicationUserId, state: "ringing" })];
    bench.server.tell("legsChanged", { callId: "call-1", changed, removed: [], ends: {} });
    await bench.until(() => cy.state === "Ringing");

    const ends = { "p-2": { code: 603, subCode: 0, message: "Declined." } };
    bench.server.tell("legsChanged", { callId: "call-1", changed: [], removed: ["p-2"], ends });
    await bench.until(() => cy.state === "Disconnected");

    expect(reasonOf(cy)).toBe("603/0");
  });

  test("somebody is taken out by the server, if he is there", async () => {
    const call = await talking();

    const removing = call.removeParticipant(BO);
    const request = await bench.server.next("remove");
    request.answer({});
    await removing;

    expect(request.fields).toEqual({ callId: "call-1", rawId: BO.communicationUserId });
    await expect(call.removeParticipant(CY)).rejects.toMatchObject({ code: 400, subCode: 41054 });
  });

  test("who may not is told so, and the server is not asked", async () => {
    const call = await bench.connect({}, joined("Attendee", [leg("p-1")]));

    expect(() => call.addParticipant(CY)).toThrow(expect.objectContaining({ code: 403 }));
    await expect(call.removeParticipant(BO)).rejects.toMatchObject({ code: 403, subCode: 49001 });
    expect(bench.server.requests.map(({ op }) => op)).toEqual(["hello", "join"]);
  });
});

describe("hanging up for everyone", () => {
  test("ends the call at the server, and here with 0/0", async () => {
    const call = await talking();

    const leaving = call.hangUp({ forEveryone: true });
    (await bench.server.next("end")).answer({});
    await leaving;

    expect(reasonOf(call)).toBe("0/0");
  });

  test("in a room it is refused, and the call goes on", async () => {
    const call = await bench.connect({}, joined("Presenter", [leg("p-1")]));

    await expect(call.hangUp({ forEveryone: true })).rejects.toMatchObject({ subCode: 49007 });

    expect(call.state).toBe("Connected");
  });
});
