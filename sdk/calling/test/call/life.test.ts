/** A call from joining to its end, against a server that speaks the protocol. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { MediaRefused } from "../../src/media/port.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { joined, leg, view } from "../fakes/joined.js";

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
  call.on("idChanged", () => heard.push(`id ${call.id}`));
  call.on("roleChanged", () => heard.push(`role ${call.role}`));
  call.on("isMutedChanged", () => heard.push(`muted ${call.isMuted}`));
  call.on("remoteParticipantsUpdated", ({ added, removed }) =>
    heard.push(`people +${added.length} -${removed.length}`),
  );
}

const reasonOf = (call: Call): string =>
  `${call.callEndReason?.code}/${call.callEndReason?.subCode}`;

describe("joining", () => {
  test("gives the call at once, and everything else in the order that apps rely on", async () => {
    const call = await bench.connect({}, joined("Attendee", [leg("p-1")]));

    expect(call.role).toBe("Attendee");
    expect(heard).toEqual([
      "calls +1 -0",
      "Connecting",
      "id call-1",
      "Connected",
      "role Attendee",
      "people +1 -0",
    ]);
  });

  test("the others are asked for as soon as the engine has answered", async () => {
    const call = bench.join();
    (await bench.server.next("join")).answer(joined("Attendee", [leg("p-1")]));
    const room = await bench.engine.room(1);
    room.receive({ sender: "8:acs:resource_bo~p-1", source: "camera" });

    room.listener.onAnswered(room);

    expect(room.done).toEqual(["want camera 8:acs:resource_bo~p-1"]);
    expect(call.state).toBe("Connecting");
  });

  test("devices open as soon as the engine has answered, and not before", async () => {
    const call = bench.join();
    (await bench.server.next("join")).answer(joined());
    const room = await bench.engine.room(1);
    await settled();
    const before = [...bench.browser.opened];

    room.listener.onAnswered(room);
    await bench.until(() => bench.browser.opened.length === 1);

    expect(before).toEqual([]);
    expect(call.state).toBe("Connecting");
  });

  test("the call is None when it is returned, and listed", () => {
    const call = bench.join();

    expect(call.state).toBe("None");
    expect(bench.agent.calls).toEqual([call]);
    expect(call.direction).toBe("Outgoing");
    expect(call.kind).toBe("Call");
  });

  test("the role is known when the state becomes Connected", async () => {
    const call = bench.join();
    const roles: string[] = [];
    call.on("stateChanged", () => roles.push(`${call.state} ${call.role}`));
    (await bench.server.next("join")).answer(joined("Presenter"));
    await bench.up(1);

    expect(roles).toEqual(["Connecting Unknown", "Connected Presenter"]);
  });

  test("the engine is reached with the ticket, under the path that the server named", async () => {
    await bench.connect();

    expect(bench.room.address).toEqual({
      url: `${bench.server.url.replace("http", "ws")}/calling/v1/media`,
      ticket: "ticket-1",
    });
  });

  test.each([
    [403, 5828],
    [403, 5829],
    [404, 5732],
    [400, 5751],
    [413, 5808],
    [401, 10009],
  ])("refused with %d/%d the call is Disconnected, with that reason", async (code, subCode) => {
    const call = bench.join({ videoOptions: {} });
    const reasons: string[] = [];
    call.on("stateChanged", () => reasons.push(`${call.state} ${reasonOf(call)}`));
    (await bench.server.next("join")).refuse(code, subCode);
    await bench.until(() => call.state === "Disconnected");

    expect(reasons).toEqual(["Connecting undefined/undefined", `Disconnected ${code}/${subCode}`]);
    expect(heard.at(-1)).toBe("calls +0 -1");
    expect(bench.browser.opened).toEqual([]);
    expect(bench.agent.calls).toEqual([]);
  });

  test("a room that the agent is in already is refused by the agent", async () => {
    await bench.connect();

    expect(() => bench.join()).toThrow(expect.objectContaining({ code: 409 }));
  });

  test.each([[{}], [{ roomId: "" }], [{ roomId: 7 }], [undefined]])(
    "%j is no place to join",
    (locator) => {
      // What untyped apps pass.
      expect(() => bench.agent.join(locator as { roomId: string })).toThrow(
        expect.objectContaining({ code: 400 }),
      );
    },
  );

  test("the server's id of the call is given by the call's info, own properties all", async () => {
    const call = await bench.connect();

    const copy = Object.assign({}, call.info);

    expect(copy.roomId).toBe("994");
    expect(copy.participantId).toBe("me-1");
    expect(await copy.getServerCallId()).toBe("server-call-1");
  });
});

describe("leaving", () => {
  test("tells the server, then lets the media go, and ends with 0/0", async () => {
    const call = await bench.connect();
    heard = [];

    await call.hangUp();

    expect((await bench.server.next("leave")).fields).toEqual({ callId: "call-1" });
    expect(heard).toEqual(["Disconnecting", "Disconnected", "calls +0 -1"]);
    expect(reasonOf(call)).toBe("0/0");
    expect(call.callEndReason?.resultCategories).toEqual(["Success"]);
    expect(bench.room.isClosed).toBe(true);
  });

  test("works twice, and before anything has happened", async () => {
    const call = bench.join();

    await Promise.all([call.hangUp(), call.hangUp()]);
    await call.hangUp();

    expect(call.state).toBe("Disconnected");
    expect(reasonOf(call)).toBe("0/0");
    expect(heard).toEqual([]);
  });

  test("works while the server is still deciding", async () => {
    const call = bench.join();
    const request = await bench.server.next("join");

    await call.hangUp();
    request.answer(joined());
    await bench.server.next("leave");

    expect(reasonOf(call)).toBe("0/0");
    expect(bench.engine.rooms).toEqual([]);
  });

  test("the same room may be joined again at once, and only after the farewell", async () => {
    const call = await bench.connect();

    void call.hangUp();
    const again = bench.join();
    (await bench.server.next("join")).answer(joined());
    await bench.up(2);

    expect(again.state).toBe("Connected");
    const ops = bench.server.requests.map(({ op }) => op);
    expect(ops).toEqual(["hello", "join", "leave", "join"]);
  });

  test("for everyone is refused in a room, and the call goes on", async () => {
    const call = await bench.connect();

    await expect(call.hangUp({ forEveryone: true })).rejects.toMatchObject({ code: 403 });

    expect(call.state).toBe("Connected");
  });

  test("disposing the agent leaves every call and says goodbye", async () => {
    const call = await bench.connect();

    await bench.agent.dispose();

    expect(reasonOf(call)).toBe("0/0");
    expect(bench.server.requests.at(-1)?.op).toBe("goodbye");
    expect(() => bench.join()).toThrow(expect.objectContaining({ code: 412 }));
  });

  test("a page that goes away says goodbye at once", async () => {
    const call = await bench.connect();

    bench.page.happen("leave");

    expect(call.state).toBe("Disconnected");
    expect(bench.room.isClosed).toBe(true);
    await bench.server.next("goodbye");
  });
});

describe("being ended", () => {
  test("the server's reason is the reason, set before the state", async () => {
    const call = await bench.connect();
    const reasons: string[] = [];
    call.on("stateChanged", () => reasons.push(`${call.state} ${reasonOf(call)}`));

    const ended = { callId: "call-1", participantId: "me-1", code: 0, subCode: 5317, message: "" };
    bench.server.tell("ended", ended);
    await bench.until(() => call.state === "Disconnected");

    expect(reasons).toEqual(["Disconnected 0/5317"]);
    expect(call.callEndReason?.resultCategories).toEqual(["ExpectedError"]);
    expect(bench.room.isClosed).toBe(true);
  });

  test("the end of another endpoint is not ours", async () => {
    const call = await bench.connect();

    const ended = { callId: "call-1", participantId: "old", code: 0, subCode: 0, message: "" };
    bench.server.tell("ended", ended);
    bench.server.tell("legsChanged", {
      callId: "call-1",
      changed: [leg("p-9")],
      removed: [],
      ends: {},
    });
    await bench.until(() => call.remoteParticipants.length === 1);

    expect(call.state).toBe("Connected");
  });

  test("signed out, every call ends with the token's reason", async () => {
    const call = await bench.connect();

    bench.server.tell("signedOut", { code: 495, subCode: 4507, message: "The token ended." });
    await bench.until(() => call.state === "Disconnected");

    expect(reasonOf(call)).toBe("495/4507");
  });

  test("refused by the gate, the server's word about the reason is waited for", async () => {
    const call = await bench.connect();
    bench.room.end();
    await bench.clock.passWhenAsked(50);
    (await bench.engine.room(2)).fail(new MediaRefused(403, 5828, "The leg has ended."));
    await settled();
    expect(call.state).toBe("Connected");

    const ended = { callId: "call-1", participantId: "me-1", code: 0, subCode: 5317, message: "" };
    bench.server.tell("ended", ended);
    await bench.until(() => call.state === "Disconnected");

    expect(reasonOf(call)).toBe("0/5317");
  });

  test("refused by the gate without another word, the gate's code is the reason", async () => {
    const call = await bench.connect();
    bench.room.end();
    await bench.clock.passWhenAsked(50);
    (await bench.engine.room(2)).fail(new MediaRefused(403, 5828, "The leg has ended."));

    await bench.clock.passWhenAsked(3_000);

    expect(reasonOf(call)).toBe("403/5828");
  });
});

describe("losing touch", () => {
  test("a lost engine changes nothing for the app", async () => {
    const call = await bench.connect({}, joined("Presenter", [leg("p-1")]));
    heard = [];

    bench.room.end();
    await bench.clock.passWhenAsked(50);
    await bench.up(2);

    expect(heard).toEqual([]);
    expect(call.remoteParticipants).toHaveLength(1);
  });

  test("what is sent is sent again by the same tracks", async () => {
    await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const [before] = bench.room.sent;

    bench.room.end();
    await bench.clock.passWhenAsked(50);
    await bench.up(2);

    expect(bench.room.sent).toEqual([before]);
    expect(bench.browser.opened).toHaveLength(1);
  });

  test("after a resume the snapshot says who is there now", async () => {
    const call = await bench.connect({}, joined("Presenter", [leg("p-1")]));
    heard = [];

    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    const cleo = { rawId: "8:acs:resource_cleo", displayName: "Cleo" };
    bench.server.tell("snapshot", view("Attendee", [leg("p-2", cleo)]));
    await bench.until(() => heard.length === 2);

    expect(heard).toEqual(["role Attendee", "people +1 -1"]);
    expect(call.remoteParticipants.map(({ displayName }) => displayName)).toEqual(["Cleo"]);
    expect(call.state).toBe("Connected");
  });

  test("a call that no snapshot names after a resume has ended", async () => {
    const call = await bench.connect();

    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    await bench.clock.passWhenAsked(5_000);

    expect(reasonOf(call)).toBe("0/4521");
  });

  test("out of touch for two minutes the call ends with 496/7", async () => {
    const call = await bench.connect();
    await bench.server.stop();

    await bench.until(() => bench.agent.connectionState === "Disconnected");
    await bench.clock.pass(119_000);
    expect(call.state).toBe("Connected");
    await bench.clock.pass(1_000);

    expect(reasonOf(call)).toBe("496/7");
  });

  test("a call that was left while out of touch is left at the server afterwards", async () => {
    const call = await bench.connect();
    bench.server.drop();
    await bench.until(() => bench.agent.connectionState === "Disconnected");

    await call.hangUp();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    bench.server.tell("snapshot", view());

    expect((await bench.server.next("leave")).fields).toEqual({ callId: "call-1" });
  });

  test("the agent tells, with the old state and the new one and the reason", async () => {
    const changes: object[] = [];
    bench.agent.on("connectionStateChanged", (change) => changes.push(change));

    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => changes.length === 2);

    expect(changes).toEqual([
      { newValue: "Disconnected", oldValue: "Connected", reason: "connectionIssue" },
      { newValue: "Connected", oldValue: "Disconnected" },
    ]);
  });
});
