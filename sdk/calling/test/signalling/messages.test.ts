/** Reading what the server says, by the public schemas and beyond them. */
import { describe, expect, test } from "vitest";
import { readJoined, readMessage, readWelcome } from "../../src/signalling/messages.js";
import { capabilitiesOf, joined, leg, ring, view } from "../fakes/joined.js";
import { checkMessage } from "../fakes/server.js";

const read = (message: object): unknown => readMessage(JSON.stringify(message));

describe("answers", () => {
  test("an answer is matched by its id", () => {
    expect(read({ id: 7, ok: { a: 1 } })).toEqual({ kind: "answer", id: 7, ok: { a: 1 } });
  });

  test("a refusal has a code, a sub code and words", () => {
    const message = { id: 7, error: { code: 403, subCode: 5829, message: "Too early." } };
    checkMessage("answer.error", message);

    expect(read(message)).toEqual({
      kind: "refusal",
      id: 7,
      why: { code: 403, subCode: 5829, message: "Too early." },
    });
  });

  test("a refusal without numbers is still a refusal", () => {
    expect(read({ id: 7, error: {} })).toMatchObject({ why: { code: -1, subCode: -1 } });
  });

  test.each([[null], ["x"], [[]], [{}], [{ id: 7 }], [{ id: "7", ok: {} }]])(
    "%j is no message",
    (message) => {
      expect(readMessage(JSON.stringify(message))).toBeUndefined();
    },
  );
});

describe("joined", () => {
  test("reads what the schema allows", () => {
    const answer = joined("Attendee", [leg("p-1")]);
    checkMessage("answer.join", { id: 1, ok: answer });

    const read = readJoined(answer);

    expect(read?.leg.role).toBe("Attendee");
    expect(read?.leg.capabilities.shareScreen).toEqual({
      isPresent: false,
      reason: "RoleRestricted",
    });
    expect(read?.legs).toEqual([leg("p-1")]);
  });

  test("unknown fields, roles, states and capabilities change nothing", () => {
    const strange = leg("p-1", { role: "Wizard", state: "levitating", wand: true });
    const answer = { ...joined("Presenter", [strange]), spell: "alohomora" };

    const read = readJoined(answer);

    expect(read?.legs).toEqual([leg("p-1", { role: "Unknown", state: "connected" })]);
  });

  test("capabilities are complete however little the server sends", () => {
    const answer = { ...joined(), leg: { ...leg("me-1"), capabilities: { unmuteMic: {} } } };

    const names = Object.keys(readJoined(answer)?.leg.capabilities ?? {});

    expect(names.sort()).toEqual(Object.keys(capabilitiesOf("Presenter")).sort());
  });

  test.each([
    ["no call", { ...joined(), call: undefined }],
    ["no own leg", { ...joined(), leg: {} }],
    ["no ticket", { ...joined(), media: { path: "/calling/v1/media" } }],
    ["another server", { ...joined(), media: { path: "@evil.example/media", ticket: "t" } }],
    ["a list", []],
  ])("with %s it is no answer", (_what, answer) => {
    expect(readJoined(answer)).toBeUndefined();
  });

  test("others that have no shape are left out", () => {
    const answer = { ...joined(), legs: [leg("p-1"), 7, null, { participantId: "p-2" }] };

    expect(readJoined(answer)?.legs).toHaveLength(1);
  });
});

describe("events", () => {
  test.each([
    ["snapshot", view()],
    [
      "legsChanged",
      {
        callId: "c",
        changed: [leg("p-1")],
        removed: ["p-2"],
        ends: { "p-2": { code: 603, subCode: 0, message: "No." } },
      },
    ],
    [
      "roleChanged",
      {
        callId: "c",
        participantId: "p",
        role: "Consumer",
        reason: "RoleChanged",
        capabilities: capabilitiesOf("Consumer"),
      },
    ],
    ["incoming", ring()],
    ["incomingEnded", { participantId: "p", code: 487, subCode: 0, message: "Cancelled." }],
    ["ended", { callId: "c", participantId: "p", code: 0, subCode: 5317, message: "Removed." }],
    ["ending", { callId: "c", at: "2026-11-22T09:00:00+00:00", reason: "RoomExpired" }],
    ["ending", { callId: "c", at: null, reason: "RoomExpired" }],
    ["signedOut", { code: 495, subCode: 4507, message: "The token ended." }],
    ["tokenExpiring", { expiresOn: "2026-11-22T09:00:00+00:00" }],
  ])("%s is read from what the schema allows", (event, fields) => {
    const message = { event, seq: 1, ...fields };
    checkMessage(`event.${event}`, message);

    expect(read(message)).toMatchObject({ kind: "event", event: { event } });
  });

  test("what made capabilities change is the role, where the server names nothing known", () => {
    const fields = { callId: "c", participantId: "p", role: "Attendee", capabilities: {} };
    const told = (reason: unknown): unknown =>
      read({ event: "roleChanged", seq: 1, ...fields, reason });

    expect(told("MeetingOptionOrOrganizerPolicyChanged")).toMatchObject({
      event: { reason: "MeetingOptionOrOrganizerPolicyChanged" },
    });
    expect(told("Whim")).toMatchObject({ event: { reason: "RoleChanged" } });
  });

  test("an event of a newer server is skipped", () => {
    expect(read({ event: "confetti", seq: 1, callId: "c" })).toBeUndefined();
  });
});

test("a welcome needs an agent and a user", () => {
  expect(readWelcome({ agentId: "a", rawId: "8:acs:x" })).toEqual({
    agentId: "a",
    rawId: "8:acs:x",
  });
  expect(readWelcome({ agentId: "a" })).toBeUndefined();
  expect(readWelcome("hello")).toBeUndefined();
});

describe("whatever is wrong with a message", () => {
  const odd = [null, 7, -0.5, "x", "", true, [], {}, [[]], { a: 1 }];

  /** The message once for each place in it and each odd value there. */
  function* spoiled(value: unknown): Generator<unknown> {
    yield* odd;
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      for (const worse of spoiled(inner)) {
        yield Array.isArray(value) ? [worse, ...value] : { ...value, [key]: worse };
      }
    }
  }

  test.each([
    ["an answer", { id: 1, ok: joined("Attendee", [leg("p-1")]) }],
    ["a refusal", { id: 1, error: { code: 403, subCode: 5828, message: "no" } }],
    ["a snapshot", { event: "snapshot", seq: 1, ...view("Presenter", [leg("p-1")]) }],
    [
      "a change",
      {
        event: "legsChanged",
        seq: 1,
        callId: "c",
        changed: [leg("p-1")],
        removed: [""],
        ends: { "": { code: 1 } },
      },
    ],
    ["a ring", { event: "incoming", seq: 1, ...ring() }],
    ["an end", { event: "ended", seq: 1, callId: "c", participantId: "p", code: 0, subCode: 0 }],
  ])("%s never makes the reader fail", (_what, message) => {
    let count = 0;
    for (const one of spoiled(message)) {
      const known = readMessage(JSON.stringify(one));
      if (known?.kind === "answer") readJoined(known.ok);
      count += 1;
    }

    expect(count).toBeGreaterThan(30);
  });
});
