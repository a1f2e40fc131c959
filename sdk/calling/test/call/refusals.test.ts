/** What apps ask of calls that no server of this version can do, and what they may count on anyway. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg, ring } from "../fakes/joined.js";

let bench: Bench;
let call: Call;
const PHONE = { phoneNumber: "+15550100" };

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({ audioOptions: { muted: true } }, joined("Presenter", [leg("p-1")]));
});

afterEach(async () => {
  await bench.stop();
});

function meet(changed: readonly object[], removed: readonly string[]): void {
  bench.server.tell("legsChanged", { callId: "call-1", changed, removed, ends: {} });
}

describe("a telephone", () => {
  test("is refused with a code, wherever it is named", async () => {
    const refusal = { code: 405, subCode: 49014, name: "CommunicationServicesError" };

    expect(() => bench.agent.startCall([PHONE])).toThrow(expect.objectContaining(refusal));
    expect(() => call.addParticipant(PHONE)).toThrow(expect.objectContaining(refusal));
    await expect(call.sendDtmf("Num1")).rejects.toMatchObject(refusal);
  });
});

describe("the lobby", () => {
  test("is there, is empty, and admits nobody", async () => {
    const refusal = { code: 405, subCode: 49002 };

    expect(call.lobby).toBe(call.lobby);
    expect(call.lobby.participants).toEqual([]);
    await expect(call.lobby.admitAll()).rejects.toMatchObject(refusal);
    await expect(call.lobby.admit(PHONE)).rejects.toMatchObject(refusal);
    await expect(call.lobby.reject(PHONE)).rejects.toMatchObject(refusal);
  });
});

describe("the number of people", () => {
  test("counts this one too, and each change is told once", async () => {
    const counts: number[] = [];
    call.on("totalParticipantCountChanged", () => counts.push(call.totalParticipantCount));
    expect(call.totalParticipantCount).toBe(2);

    meet([leg("p-2", { rawId: "8:acs:resource_cy" })], []);
    await bench.until(() => call.remoteParticipants.length === 2);
    meet([], ["p-1"]);
    await bench.until(() => call.remoteParticipants.length === 1);
    await call.hangUp();

    expect(counts).toEqual([3, 2, 0]);
  });
});

describe("a name", () => {
  test("that is another one than at the beginning says so", async () => {
    const [bo] = call.remoteParticipants;
    expect(bo?.hasDisplayNameChanged).toBe(false);
    const changes: object[] = [];
    bo?.on("displayNameChanged", (change) => changes.push(change));

    meet([leg("p-1", { displayName: "Bo" })], []);
    await bench.until(() => changes.length === 1);

    const reason = "editedDisplayName";
    expect(changes).toEqual([{ newValue: "Bo", oldValue: "Bo Chen", reason }]);
    expect(bo?.hasDisplayNameChanged).toBe(true);
  });

  test("of a caller may change while it rings", async () => {
    const names: (string | undefined)[] = [];
    bench.agent.on("incomingCall", ({ incomingCall }) => {
      incomingCall.on("callerInfoChanged", () => names.push(incomingCall.callerInfo.displayName));
    });
    const caller = { rawId: "8:acs:resource_bo", displayName: "Bo" };

    bench.server.tell("incoming", ring("me-2"));
    bench.server.tell("incoming", ring("me-2"));
    bench.server.tell("incoming", { ...ring("me-2"), caller });
    await bench.until(() => names.length > 0);

    expect(names).toEqual(["Bo"]);
  });
});

describe("a call that is disposed of", () => {
  test("is left", async () => {
    call.dispose();
    await bench.until(() => call.state === "Disconnected");

    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 0 });
    expect(() => call.dispose()).not.toThrow();
  });
});
