/** What people write, seen while they write it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import type { RealTimeTextFeature, RealTimeTextInfo } from "../../src/api/real-time-text.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg, view } from "../fakes/joined.js";

const ADA = "8:acs:resource_ada";
const BO = "8:acs:resource_bo";

let bench: Bench;
let call: Call;
let texts: RealTimeTextFeature;
let heard: RealTimeTextInfo[];

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({}, joined("Presenter", [leg("p-1")]));
  texts = call.feature(Features.RealTimeText);
  heard = [];
  texts.on("realTimeTextReceived", (info) => heard.push(info));
});

afterEach(async () => {
  await bench.stop();
});

/** What the server is asked to show next, and does. */
async function shown(): Promise<string> {
  const { fields, answer } = await bench.server.next("sendText");
  answer({});
  return `${fields["sequence"]} ${fields["text"]}${fields["final"] === true ? "." : ""}`;
}

function tell(sequence: number, text: string, changes: object = {}): void {
  bench.server.tell("text", {
    ...{ callId: "call-1", participantId: "p-1", rawId: BO, displayName: "Bo Chen" },
    ...{ sequence, text, final: false },
    ...changes,
  });
}

const lines = (): string[] =>
  heard.map(({ sequenceId, text, resultType }) => `${sequenceId} ${resultType} ${text}`);

describe("writing", () => {
  test("sends a text under one number until it is final", async () => {
    const all = [texts.sendRealTimeText("H", false)];
    const said = [await shown()];
    await all[0];
    await bench.clock.passWhenAsked(200);
    all.push(texts.sendRealTimeText("Hi", true));
    said.push(await shown());
    await bench.clock.passWhenAsked(200);
    all.push(texts.sendRealTimeText("B"));
    said.push(await shown());
    await Promise.all(all);

    expect(said).toEqual(["1 H", "1 Hi.", "2 B"]);
  });

  test("gathers what is typed meanwhile, and leaves out nothing that is final", async () => {
    const all = ["H", "He", "Hel"].map((text) => texts.sendRealTimeText(text));
    all.push(texts.sendRealTimeText("Hello", true));
    all.push(...["B", "By"].map((text) => texts.sendRealTimeText(text)));
    const said = [await shown()];
    for (const _ of [1, 2]) {
      await bench.clock.passWhenAsked(200);
      said.push(await shown());
    }
    await Promise.all(all);

    expect(said).toEqual(["1 H", "1 Hello.", "2 By"]);
  });

  test("goes on where it was when the connection breaks", async () => {
    const sending = texts.sendRealTimeText("Hello", true);
    await bench.server.next("sendText");
    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    bench.server.tell("snapshot", view("Presenter", [leg("p-1")]));
    await bench.clock.passWhenAsked(300);

    expect(await shown()).toBe("1 Hello.");
    await sending;
  });

  test("is refused with the server's reason, and the next text goes out", async () => {
    const sending = texts.sendRealTimeText("Hello", true);
    (await bench.server.next("sendText")).refuse(403, 10403);
    await expect(sending).rejects.toMatchObject({ code: 403, subCode: 10403 });

    const next = texts.sendRealTimeText("Bye", true);
    await bench.clock.passWhenAsked(200);
    expect(await shown()).toBe("2 Bye.");
    await next;
  });

  test("is for texts of 2000 characters", async () => {
    const bad = { code: 400, subCode: 49025 };
    await expect(texts.sendRealTimeText("x".repeat(2_001))).rejects.toMatchObject(bad);
    const nothing = undefined as unknown as string;
    await expect(texts.sendRealTimeText(nothing)).rejects.toMatchObject(bad);
  });

  test("needs a call that is up, and does not wait without end", async () => {
    const all = Array.from({ length: 101 }, (_, at) => texts.sendRealTimeText(`${at}`, true));
    const outcomes = Promise.allSettled(all);
    const late = texts.sendRealTimeText("late", true);
    await expect(late).rejects.toMatchObject({ code: 429, subCode: 49024 });
    await call.hangUp();

    const reasons = (await outcomes).map((one) => one.status === "rejected" && one.reason.code);
    expect(new Set(reasons)).toEqual(new Set([412]));
  });
});

describe("reading", () => {
  test("shows a text under one number from its first letter to its end", async () => {
    tell(4, "H");
    tell(4, "Hi", { final: true });
    tell(4, "Hi", { final: true });
    tell(3, "old");
    tell(5, "B");
    await bench.until(() => heard.length === 3);

    expect(lines()).toEqual(["1 Partial H", "1 Final Hi", "2 Partial B"]);
    expect(heard[1]).toMatchObject({
      isLocal: false,
      sender: {
        identifier: { kind: "communicationUser", rawId: BO },
        displayName: "Bo Chen",
        endpointDetails: [{ participantId: "p-1" }],
      },
    });
    const [first, second] = heard;
    expect(second?.receivedTimestamp).toEqual(first?.receivedTimestamp);
    expect(second?.updatedTimestamp).toBeInstanceOf(Date);
  });

  test("tells the texts of two people apart, and which is the own", async () => {
    tell(1, "one");
    tell(1, "two", { participantId: "p-2", rawId: "8:acs:resource_cy" });
    tell(1, "mine", { participantId: "me-1", rawId: ADA });
    tell(1, "at my desk", { participantId: "me-2", rawId: ADA });
    await bench.until(() => heard.length === 4);

    expect(heard.map(({ sequenceId }) => sequenceId)).toEqual([1, 2, 3, 4]);
    expect(heard.map(({ isLocal }) => isLocal)).toEqual([false, false, true, false]);
  });

  test("what was left unfinished is final: by the next text, by leaving, by the end", async () => {
    tell(1, "H");
    tell(2, "B");
    await bench.until(() => heard.length === 3);
    bench.server.tell("legsChanged", {
      ...{ callId: "call-1", changed: [], removed: ["p-1"], ends: {} },
    });
    tell(1, "C", { participantId: "p-2", rawId: "8:acs:resource_cy" });
    await bench.until(() => heard.length === 5);
    await call.hangUp();

    expect(lines()).toEqual([
      ...["1 Partial H", "1 Final H", "2 Partial B", "2 Final B"],
      ...["3 Partial C", "3 Final C"],
    ]);
  });

  test("what is no text is passed over", async () => {
    for (const strange of [{ text: 7 }, { rawId: "" }, { sequence: "1" }, { participantId: "" }]) {
      const message = { event: "text", callId: "call-1", participantId: "p-1", rawId: BO };
      bench.server.say(JSON.stringify({ ...message, seq: 9, sequence: 1, text: "", ...strange }));
    }
    tell(1, "good");
    await bench.until(() => heard.length > 0);

    expect(lines()).toEqual(["1 Partial good"]);
  });
});
