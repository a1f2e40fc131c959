/** What arrives on data channels: receivers, and when they end. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import type { DataChannelCallFeature, DataChannelReceiver } from "../../src/api/data-channel.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { joined, leg, view } from "../fakes/joined.js";

const BO = "8:acs:resource_bo";

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

/** Somebody sends. */
function tell(text: string, changes: object = {}): void {
  bench.server.tell("data", {
    ...{ callId: "call-1", participantId: "p-1", rawId: BO, channelId: 7, session: 1 },
    ...{ sequence: 1, reliability: "Durable", data: btoa(text) },
    ...changes,
  });
}

interface Heard {
  readonly receivers: DataChannelReceiver[];
  readonly words: string[];
}

/** Read everything at once, as apps do. */
function listen(): Heard {
  const heard: Heard = { receivers: [], words: [] };
  channels.on("dataChannelReceiverCreated", (receiver) => {
    heard.receivers.push(receiver);
    heard.words.push(`channel ${receiver.channelId}`);
    receiver.on("messageReady", () => {
      const message = receiver.readMessage();
      heard.words.push(`${message?.sequenceNumber} ${new TextDecoder().decode(message?.data)}`);
    });
    receiver.on("close", () => heard.words.push("closed"));
  });
  return heard;
}

describe("receiving", () => {
  test("gives one receiver for a channel of somebody, and its messages in their order", async () => {
    const heard = listen();
    tell("one");
    tell("two", { sequence: 2 });
    tell("other", { channelId: 8, sequence: 9 });
    await bench.until(() => heard.words.length === 5);

    expect(heard.words).toEqual(["channel 7", "1 one", "2 two", "channel 8", "9 other"]);
    expect(heard.receivers[0]?.senderParticipantIdentifier).toEqual({
      ...{ kind: "communicationUser", communicationUserId: BO, rawId: BO },
    });
    expect(heard.receivers[0]?.readMessage()).toBeUndefined();
  });

  test("gives what is durable once, though it comes twice", async () => {
    const heard = listen();
    for (const sequence of [1, 1, 2, 1]) tell("x", { sequence });
    tell("end", { channelId: 9 });
    await bench.until(() => heard.words.includes("1 end"));

    expect(heard.words.slice(0, 3)).toEqual(["channel 7", "1 x", "2 x"]);
    expect(heard.words).toHaveLength(5);
  });

  test("keeps what is not read yet, and not without end", async () => {
    const heard: DataChannelReceiver[] = [];
    channels.on("dataChannelReceiverCreated", (receiver) => heard.push(receiver));
    for (let sequence = 1; sequence <= 1_002; sequence += 1) tell("x", { sequence });
    tell("end", { channelId: 9 });
    await bench.until(() => heard.length === 2);

    expect(heard[0]?.readMessage()?.sequenceNumber).toBe(3);
  });

  test("what is no message is passed over", async () => {
    const heard = listen();
    for (const strange of [{ data: 7 }, { data: "*" }, { rawId: "" }, { session: "1" }]) {
      const message = { event: "data", callId: "call-1", participantId: "p-1", rawId: BO };
      const rest = { seq: 9, channelId: 7, session: 1, sequence: 1, data: "" };
      bench.server.say(JSON.stringify({ ...message, ...rest, ...strange }));
    }
    bench.server.say(JSON.stringify({ event: "data", callId: "call-1", seq: 10 }));
    tell("good");
    await bench.until(() => heard.words.length > 0);

    expect(heard.words).toEqual(["channel 7", "1 good"]);
  });

  test("one endpoint has so many receivers: the oldest gives way", async () => {
    const heard = listen();
    for (let channelId = 1; channelId <= 65; channelId += 1) tell("x", { channelId });
    await bench.until(() => heard.receivers.length === 65);

    expect(heard.words.filter((word) => word === "closed")).toHaveLength(1);
  });
});

/** So many seconds in which only the connection gives signs of life. */
async function quiet(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 15) {
    await bench.clock.pass(15_000);
    await bench.clock.cleared(5_000);
  }
}

describe("a receiver ends", () => {
  test("when its sender closes it, and another session has its own", async () => {
    const heard = listen();
    const first = { participantId: "p-1", channelId: 7, session: 1 };
    tell("a");
    tell("b", { session: 2 });
    tell("late", { sequence: 2 });
    bench.server.tell("dataClosed", { callId: "call-1", ...first });
    tell("too late", { sequence: 3 });
    bench.server.tell("dataClosed", { callId: "call-1", ...first, channelId: 99 });
    tell("end", { channelId: 9 });
    await bench.until(() => heard.words.includes("1 end"));

    expect(heard.words).toEqual([
      ...["channel 7", "1 a", "channel 7", "1 b", "2 late", "closed"],
      ...["channel 9", "1 end"],
    ]);
  });

  test("after two minutes of silence, and begins anew with the next message", async () => {
    const heard = listen();
    tell("a");
    await bench.until(() => heard.words.length === 2);
    await quiet(60);
    tell("b", { sequence: 2 });
    await bench.until(() => heard.words.length === 3);
    await quiet(105);
    expect(heard.words).not.toContain("closed");
    await quiet(15);
    expect(heard.words.at(-1)).toBe("closed");

    tell("c", { sequence: 3 });
    await bench.until(() => heard.words.length === 6);
    expect(heard.words.slice(-2)).toEqual(["channel 7", "3 c"]);
  });

  test("when its sender leaves, also while we were away, and with the call", async () => {
    const heard = listen();
    tell("a");
    tell("b", { participantId: "p-2" });
    tell("c", { participantId: "p-3" });
    bench.server.tell("legsChanged", {
      ...{ callId: "call-1", changed: [], removed: ["p-1"], ends: {} },
    });
    await bench.until(() => heard.words.includes("closed"));
    bench.server.tell("snapshot", view("Presenter", [leg("p-3")]));
    await bench.until(() => heard.words.length === 8);
    await settled();
    expect(heard.words.filter((word) => word === "closed")).toHaveLength(2);

    let last = "";
    call.on("stateChanged", () => {
      last = `${call.state} ${heard.words.length}`;
    });
    await call.hangUp();

    expect(last).toBe("Disconnected 9");
    expect(heard.words.at(-1)).toBe("closed");
  });
});
