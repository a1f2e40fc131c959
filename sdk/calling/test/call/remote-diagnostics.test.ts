/** What people in a call tell each other of their network and devices. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import type { RemoteDiagnostics } from "../../src/api/diagnostics.js";
import type { CallObject } from "../../src/call/call.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { joined, leg } from "../fakes/joined.js";
import type { Request } from "../fakes/server.js";

const BO = "8:acs:resource_bo";
const BAD = { diagnostic: "networkReconnect", value: 3 };
const GOOD = { diagnostic: "networkReconnect", value: 1 };
const FROZEN = { diagnostic: "cameraFreeze", value: true };

let bench: Bench;
let call: Call;
let remote: RemoteDiagnostics;
let answered: Set<Request>;

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({}, joined("Presenter", [leg("p-1")]));
  answered = new Set();
  remote = call.feature(Features.UserFacingDiagnostics).remote;
});

afterEach(async () => {
  await bench.stop();
});

/** Something is so here. */
function own(): CallObject["features"]["diagnostics"] {
  return (call as CallObject).features.diagnostics;
}

function tell(diagnostics: object[], whose = { participantId: "p-1", rawId: BO }): void {
  bench.server.tell("diagnostics", { callId: "call-1", ...whose, diagnostics });
}

/** Who is there changes, and the call has heard of it. */
async function change(changed: object[], removed: string[] = []): Promise<void> {
  bench.server.tell("legsChanged", { callId: "call-1", changed, removed, ends: {} });
  await heard();
}

/** Everything that the server has said was heard, and the server has heard what followed. */
async function heard(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await settled();
}

/** Time passes, in steps in which the agent is heard of. */
async function later(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 5_000) {
    await bench.clock.pass(Math.min(left, 5_000));
    await sent();
  }
}

/** All that the server was told; to what is new it says yes. */
async function sent(): Promise<unknown[]> {
  await heard();
  const requests = bench.server.requests.filter(({ op }) => op === "diagnose");
  for (const one of requests) if (!answered.has(one)) one.answer({});
  for (const one of requests) answered.add(one);
  return requests.map(({ fields }) => fields["diagnostics"]);
}

describe("the own diagnostics", () => {
  test("are told to nobody unless the app wants it", async () => {
    own().network.raise("networkReconnect", 3);

    expect(await sent()).toEqual([]);
  });

  test("are told as they are when the app wants it, and then as they change", async () => {
    own().network.raise("networkReconnect", 3);

    remote.startSendingDiagnostics();
    const asked = await bench.server.next("diagnose");
    asked.answer({});
    own().network.raise("networkReconnect", 1);
    own().media.raise("cameraFreeze", true);

    expect(await sent()).toEqual([[BAD], [GOOD, FROZEN]]);
    expect(asked.fields).toEqual({ callId: "call-1", diagnostics: [BAD] });
  });

  test("are told no more when the app wants it no more", async () => {
    remote.startSendingDiagnostics();
    remote.stopSendingDiagnostics();
    own().network.raise("networkReconnect", 3);

    expect(await sent()).toEqual([]);
  });

  test("do not hold that somebody speaks while muted", async () => {
    remote.startSendingDiagnostics();
    own().media.raise("speakingWhileMicrophoneIsMuted", true);

    expect(await sent()).toEqual([]);
  });

  test("are told three times a minute, and then as they are by then", async () => {
    remote.startSendingDiagnostics();
    for (const value of [3, 1, 3, 1, 2, 1] as const) {
      own().network.raise("networkSendQuality", value);
      await settled();
    }
    expect(await sent()).toHaveLength(3);

    await later(60_000);
    expect(await sent()).toHaveLength(3);
    await later(1_000);

    const name = { diagnostic: "networkSendQuality" };
    expect((await sent())[3]).toEqual([{ ...name, value: 1 }]);
    expect(await sent()).toHaveLength(4);
  });

  test("that were refused are told later, as they are then", async () => {
    remote.startSendingDiagnostics();
    own().media.raise("speakerBusy", true);
    const refused = await bench.server.next("diagnose");
    refused.refuse(503, 0);
    answered.add(refused);
    await heard();
    await later(15_000);
    expect(await sent()).toHaveLength(1);
    own().media.raise("screenshareRecordingDisabled", true);
    const again = await bench.server.next("diagnose");
    again.refuse(429, 0);
    answered.add(again);
    await heard();
    own().media.raise("speakerBusy", false);

    await later(5_000);

    const busy = { diagnostic: "speakerBusy", value: true };
    const flags = [
      { diagnostic: "speakerBusy", value: false },
      { diagnostic: "screenshareRecordingDisabled", value: true },
    ];
    expect((await sent()).slice(1)).toEqual([[busy, flags[1]], flags]);
  });

  test("are told anew when somebody comes, and only then", async () => {
    remote.startSendingDiagnostics();
    own().network.raise("networkReconnect", 3);
    (await bench.server.next("diagnose")).answer({});

    await change([leg("p-1", { state: "hold" })]);
    expect(await sent()).toEqual([[BAD]]);
    await change([leg("p-2", { rawId: "8:acs:resource_cy" })]);

    expect(await sent()).toEqual([[BAD], [BAD]]);
  });

  test("are told to nobody where nobody is, who is called included", async () => {
    await change([leg("p-2", { rawId: "8:acs:resource_cy", state: "ringing" })], ["p-1"]);
    remote.startSendingDiagnostics();
    own().network.raise("networkReconnect", 3);

    expect(await sent()).toEqual([]);
  });

  test("are told in calls of at most 20 people", async () => {
    const others = Array.from({ length: 19 }, (_, at) =>
      leg(`q-${at}`, { rawId: `8:acs:r_${at}` }),
    );
    await change(others);
    remote.startSendingDiagnostics();
    own().network.raise("networkReconnect", 3);
    expect(await sent()).toEqual([]);

    await change([], ["q-0"]);

    expect(await sent()).toEqual([[BAD]]);
  });

  test("stay here when the call is over", async () => {
    remote.startSendingDiagnostics();
    await call.hangUp();
    own().network.raise("networkReconnect", 3);
    await later(120_000);

    expect(await sent()).toEqual([]);
    expect(remote.isSendingDiagnosticsEnabled).toBe(true);
  });
});

describe("the diagnostics of others", () => {
  test("are told and kept with whose they are", async () => {
    const told: unknown[] = [];
    remote.on("diagnosticChanged", (data) => told.push(data));

    tell([BAD, FROZEN]);
    await heard();

    const [bo] = call.remoteParticipants;
    const his = { participantId: "p-1", rawId: BO, remoteParticipant: bo };
    const all = [
      { ...his, ...BAD, valueType: "DiagnosticQuality" },
      { ...his, ...FROZEN, valueType: "DiagnosticFlag" },
    ];
    expect(told).toEqual([{ diagnostics: all }]);
    expect(remote.getLatest()).toEqual({ diagnostics: all });
  });

  test("that stay as they are tell nothing", async () => {
    const told: unknown[] = [];
    tell([BAD]);
    await heard();
    remote.on("diagnosticChanged", ({ diagnostics }) => told.push(diagnostics.length));

    tell([BAD]);
    tell([BAD, FROZEN]);
    await heard();

    expect(told).toEqual([1]);
  });

  test("go with whose they are", async () => {
    tell([BAD]);
    await heard();

    await change([], ["p-1"]);

    expect(remote.getLatest()).toEqual({ diagnostics: [] });
  });

  test("may be frozen by the app", async () => {
    remote.on("diagnosticChanged", (data) => data.diagnostics.forEach(Object.freeze));
    tell([BAD]);
    await heard();
    remote.getLatest().diagnostics.forEach(Object.freeze);

    tell([GOOD]);
    await heard();

    expect(remote.getLatest().diagnostics).toMatchObject([GOOD]);
  });

  test.each([
    { diagnostic: "<img>", value: true },
    { diagnostic: "networkReconnect", value: true },
    { diagnostic: "networkReconnect", value: 9 },
    { diagnostic: "cameraFreeze", value: 1 },
    { diagnostic: "speakingWhileMicrophoneIsMuted", value: true },
    null,
  ])("that are none are passed over: %o", async (one) => {
    const whose = { callId: "call-1", participantId: "p-1", rawId: BO };
    const diagnostics = [one, FROZEN];
    bench.server.say(JSON.stringify({ event: "diagnostics", seq: 9, ...whose, diagnostics }));
    await heard();

    expect(remote.getLatest().diagnostics).toMatchObject([FROZEN]);
  });
});
