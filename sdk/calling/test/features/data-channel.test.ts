/** What is sent on data channels, over a connection that breaks. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import type { DataChannelCallFeature, DataChannelSender } from "../../src/api/data-channel.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg, view } from "../fakes/joined.js";
import type { Request } from "../fakes/server.js";

const BO = "8:acs:resource_bo";
const DURABLE = { channelId: 7, reliability: "Durable" } as const;

let bench: Bench;
let call: Call;
let channels: DataChannelCallFeature;

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({}, joined("Presenter", [leg("p-1")]));
  channels = call.feature(Features.DataChannel);
});

afterEach(async () => {
  await bench.stop();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textIn = (data: unknown): string => atob(String(data));
const sent = (): Promise<Request> => bench.server.next("sendData");

/** Send and have the server take it. */
async function pass(sender: DataChannelSender, text: string): Promise<Request> {
  const sending = sender.sendMessage(bytes(text));
  const request = await sent();
  request.answer({});
  await sending;
  return request;
}

async function refusal(doing: Promise<unknown>): Promise<string> {
  const error: unknown = await doing.catch((one: unknown) => one);
  return `${Reflect.get(Object(error), "code")}/${Reflect.get(Object(error), "subCode")}`;
}

function refused(doing: () => unknown): Promise<string> {
  return refusal((async () => doing())());
}

describe("opening a channel", () => {
  test("gives one that is free where none is named, and the size of messages", () => {
    const first = channels.createDataChannelSender({});
    const named = channels.createDataChannelSender({ channelId: 2 });
    const third = channels.createDataChannelSender({ channelId: 0 });

    expect([first, named, third].map(({ channelId }) => channelId)).toEqual([1, 2, 3]);
    expect(first.maxMessageSize).toBe(32_768);
  });

  test.each([
    ["an id that is too high", { channelId: 65_536 }],
    ["an id that is no whole number", { channelId: 1.5 }],
    ["an id below 0", { channelId: -1 }],
    ["a bit rate of nothing", { bitrateInKbps: 0 }],
    ["a word that is none", { reliability: "Sure" }],
    ["another word that is none", { priority: "Higher" }],
    ["no options", 7],
  ])("needs options that are some, not %s", async (_, options) => {
    const strange = options as unknown as object;

    expect(await refused(() => channels.createDataChannelSender(strange))).toBe("400/49021");
  });

  test("is for 64 participants, or for all", async () => {
    const many = Array.from({ length: 65 }, (_, at) => ({ communicationUserId: `${BO}${at}` }));
    const sender = channels.createDataChannelSender({ participants: many.slice(1) });

    const strange = [{}] as unknown as [];
    const toMany = (): unknown => channels.createDataChannelSender({ participants: many });
    expect(await refused(toMany)).toBe("400/49022");
    expect(await refused(() => sender.setParticipants(many))).toBe("400/49022");
    expect(await refused(() => sender.setParticipants(strange))).toBe("400/49012");
    expect((await pass(sender, "a")).fields["rawIds"]).toHaveLength(64);
    sender.setParticipants([]);
    expect((await pass(sender, "b")).fields["rawIds"]).toBeNull();
  });
});

describe("sending", () => {
  test("says which channel, and counts the messages", async () => {
    const sender = channels.createDataChannelSender({ channelId: 7, priority: "High" });
    sender.setParticipants([{ communicationUserId: BO }]);

    const requests = [await pass(sender, "one"), await pass(sender, "two")];

    expect(requests.map(({ fields }) => fields)).toMatchObject([
      {
        ...{ callId: "call-1", channelId: 7, session: 1, sequence: 1, rawIds: [BO] },
        ...{ reliability: "Lossy", priority: "High", data: btoa("one") },
      },
      { session: 1, sequence: 2, data: btoa("two") },
    ]);
  });

  test("takes the bytes as they are at that moment, of the largest size", async () => {
    const sender = channels.createDataChannelSender();
    const large = new Uint8Array(32_768).fill(255);
    const sending = sender.sendMessage(large);
    large.fill(0);
    const request = await sent();
    request.answer({});
    await sending;

    expect(textIn(request.fields["data"])).toBe("\u00ff".repeat(32_768));
  });

  test.each([
    ["a text", "text"],
    ["nothing", undefined],
    ["too much", new Uint8Array(32_769)],
  ])("is refused for %s", async (_, data) => {
    const sending = channels.createDataChannelSender().sendMessage(data as Uint8Array);

    expect(await refusal(sending)).toBe("400/49020");
  });

  test("needs a call that is up", async () => {
    const early = bench.agent.join({ roomId: "995" }).feature(Features.DataChannel);

    expect(await refusal(early.createDataChannelSender().sendMessage(bytes("a")))).toBe(
      "412/49013",
    );
    const sender = channels.createDataChannelSender();
    await call.hangUp();
    expect(await refusal(sender.sendMessage(bytes("a")))).toMatch(/^412\/490/);
  });

  test("tells what the server says", async () => {
    const sending = channels.createDataChannelSender().sendMessage(bytes("a"));
    (await sent()).refuse(429, 0);

    expect(await refusal(sending)).toBe("429/0");
  });

  test("waits a moment while the server does not know the media yet", async () => {
    const sending = channels.createDataChannelSender().sendMessage(bytes("a"));
    (await sent()).refuse(503, 0);
    await bench.clock.passWhenAsked(300);
    (await sent()).answer({});

    await sending;
  });

  test("goes no faster than the channel: what is lossy is refused", async () => {
    const sender = channels.createDataChannelSender({ bitrateInKbps: 8 });
    // A kilobyte a second, and a second ahead.
    await pass(sender, "x".repeat(1_000));
    await pass(sender, "x");

    expect(await refusal(sender.sendMessage(bytes("x")))).toBe("429/49024");
    await bench.clock.pass(1_001);
    await pass(sender, "y");
  });
});

describe("what is durable", () => {
  test("goes one after the other, at the pace of the channel", async () => {
    const sender = channels.createDataChannelSender({ ...DURABLE, bitrateInKbps: 8 });
    const sending = ["x".repeat(2_000), "y"].map((text) => sender.sendMessage(bytes(text)));
    (await sent()).answer({});
    await sending[0];
    // What was sent before it has come before it.
    void call.feature(Features.RaiseHand).raiseHand();
    (await bench.server.next("raiseHand")).answer({});
    expect(bench.server.requests.filter(({ op }) => op === "sendData")).toHaveLength(1);

    await bench.clock.passWhenAsked(1_000);
    const second = await sent();
    second.answer({});
    await sending[1];

    expect(second.fields).toMatchObject({ sequence: 2, data: btoa("y") });
  });

  test("is sent again when the server says later, and when the connection breaks", async () => {
    const sender = channels.createDataChannelSender(DURABLE);
    const sending = ["one", "two"].map((text) => sender.sendMessage(bytes(text)));
    (await sent()).refuse(429, 0);
    await bench.clock.passWhenAsked(300);
    await sent();
    bench.server.drop();
    await bench.clock.passWhenAsked(100);
    await bench.until(() => bench.agent.connectionState === "Connected");
    bench.server.tell("snapshot", view("Presenter", [leg("p-1")]));
    await bench.clock.passWhenAsked(700);
    const again = await sent();
    again.answer({});
    await sending[0];
    const next = await sent();
    next.answer({});
    await sending[1];

    expect(textIn(again.fields["data"])).toBe("one");
    expect([again.fields["sequence"], next.fields["sequence"]]).toEqual([1, 2]);
  });

  test("is refused with the reason when that is final", async () => {
    const sending = channels.createDataChannelSender(DURABLE).sendMessage(bytes("a"));
    (await sent()).refuse(412, 41090);

    expect(await refusal(sending)).toBe("412/41090");
  });

  test("is told not to have gone when the call ends before", async () => {
    const sending = channels.createDataChannelSender(DURABLE).sendMessage(bytes("a"));
    await sent();
    bench.server.drop();
    await bench.until(() => bench.agent.connectionState === "Disconnected");
    const outcome = refusal(sending);
    await call.hangUp();

    expect(await outcome).toBe("412/49011");
  });

  test("waits in a line that is not endless", async () => {
    const sender = channels.createDataChannelSender(DURABLE);
    const largest = new Uint8Array(32_768);
    const sending = Array.from({ length: 33 }, () => refusal(sender.sendMessage(largest)));

    expect(await sending.at(-1)).toBe("429/49024");
    await call.hangUp();
    expect(new Set(await Promise.all(sending.slice(0, -1)))).toEqual(new Set(["412/49011"]));
  });
});

describe("closing a channel", () => {
  test("is told after what was sent, and ends sending", async () => {
    const sender = channels.createDataChannelSender(DURABLE);
    const sending = sender.sendMessage(bytes("last"));
    sender.close();
    sender.close();
    (await sent()).answer({});
    await sending;
    const closed = await bench.server.next("closeData");
    closed.answer({});

    expect(closed.fields).toEqual({ callId: "call-1", channelId: 7, session: 1 });
    expect(await refusal(sender.sendMessage(bytes("more")))).toBe("412/49023");
  });

  test("happens by itself when the same one is opened again", async () => {
    const first = channels.createDataChannelSender(DURABLE);
    await pass(first, "a");
    const second = channels.createDataChannelSender(DURABLE);
    (await bench.server.next("closeData")).answer({});

    expect(await refusal(first.sendMessage(bytes("b")))).toBe("412/49023");
    expect((await pass(second, "c")).fields).toMatchObject({ session: 2, sequence: 1 });
  });
});
