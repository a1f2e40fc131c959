/** Bringing what is to be sent into whatever room there is. */
import { beforeEach, describe, expect, test } from "vitest";
import { NO_LIMITS } from "../../src/media/limits.js";
import { Outgoing } from "../../src/media/outgoing.js";
import { MicrophonesFull, NotPermitted, type Source } from "../../src/media/port.js";
import { ManualClock, settled } from "../fakes/clock.js";
import { quiet } from "../fakes/log.js";
import { FakeRoom } from "../fakes/room.js";
import { track } from "../fakes/tracks.js";

let clock: ManualClock;
let outgoing: Outgoing;
let refused: Source[];

beforeEach(() => {
  clock = new ManualClock();
  refused = [];
  outgoing = new Outgoing({ clock, log: quiet, onRefused: (source) => refused.push(source) });
});

function newRoom(): FakeRoom {
  const ignore = (): void => undefined;
  const listener = {
    onFeeds: ignore,
    onSpeakers: ignore,
    onTakenAway: ignore,
    onUnreachable: ignore,
    onAnswered: ignore,
    onPlayback: ignore,
  };
  return new FakeRoom(listener);
}

const voice = track("voice", "audio");
const picture = track("picture");

test("what was wished for before there was a room is sent when there is one", async () => {
  const room = newRoom();
  await outgoing.send("camera", { track: picture, muted: false });

  outgoing.bind(room);
  await settled();

  expect(room.sent).toEqual([{ source: "camera", track: picture, muted: false }]);
});

test("the same tracks are sent again in another room", async () => {
  const [first, second] = [newRoom(), newRoom()];
  outgoing.bind(first);
  await outgoing.send("microphone", { track: voice, muted: true });
  await outgoing.send("camera", { track: picture, muted: false });

  outgoing.bind(undefined);
  outgoing.bind(second);
  await settled();

  expect(second.sent).toEqual([
    { source: "microphone", track: voice, muted: true },
    { source: "camera", track: picture, muted: false },
  ]);
});

test("muting and unmuting keep the publication", async () => {
  const room = newRoom();
  outgoing.bind(room);
  await outgoing.send("microphone", { track: voice, muted: false });
  const [sent] = room.sent;

  await outgoing.send("microphone", { track: voice, muted: true });

  expect(room.sent).toHaveLength(1);
  expect(room.sent[0]).toBe(sent);
  expect(sent?.muted).toBe(true);
});

test("another track takes the place of the one that is sent", async () => {
  const room = newRoom();
  outgoing.bind(room);
  await outgoing.send("camera", { track: picture, muted: false });
  const other = track("other camera");

  await outgoing.send("camera", { track: other, muted: false });

  expect(room.sent.map((one) => one.track)).toEqual([other]);
});

test("sending nothing takes the publication back", async () => {
  const room = newRoom();
  outgoing.bind(room);
  await outgoing.send("camera", { track: picture, muted: false });

  await outgoing.send("camera", undefined);

  expect(room.sent).toEqual([]);
});

test("of quick changes the last one counts", async () => {
  const room = newRoom();
  outgoing.bind(room);

  const changes = [
    outgoing.send("camera", { track: picture, muted: false }),
    outgoing.send("camera", undefined),
    outgoing.send("camera", { track: picture, muted: false }),
  ];
  await Promise.all(changes);

  expect(room.sent.map(({ source }) => source)).toEqual(["camera"]);
});

test("what the engine does not allow is not tried again, and the asker learns it", async () => {
  const room = newRoom();
  room.publishError = new NotPermitted();
  outgoing.bind(room);

  await expect(outgoing.send("screen", { track: picture, muted: false })).rejects.toThrow();

  expect(outgoing.wished("screen")).toBeUndefined();
});

test("what a new room does not allow is reported", async () => {
  const room = newRoom();
  room.publishError = new NotPermitted();
  await outgoing.send("camera", { track: picture, muted: false });

  outgoing.bind(room);
  await settled();

  expect(refused).toEqual(["camera"]);
});

test("a passing failure is tried again", async () => {
  const room = newRoom();
  room.publishError = new Error("negotiation failed");
  outgoing.bind(room);
  const sending = outgoing.send("camera", { track: picture, muted: false });
  await settled();

  room.publishError = undefined;
  await clock.passWhenAsked(500);
  await sending;

  expect(room.sent).toHaveLength(1);
});

test("a room that ends while it publishes holds nobody up", async () => {
  const [stuck, fine] = [newRoom(), newRoom()];
  stuck.publish = () => new Promise(() => undefined);
  outgoing.bind(stuck);
  const sending = outgoing.send("camera", { track: picture, muted: false });
  await settled();

  stuck.end();
  await sending;
  outgoing.bind(fine);
  await settled();

  expect(fine.sent).toHaveLength(1);
});

test("while paused nothing is sent, and then what is wished by then", async () => {
  const room = newRoom();
  outgoing.bind(room);
  await outgoing.send("microphone", { track: voice, muted: false });

  await outgoing.pause();
  await outgoing.send("camera", { track: picture, muted: false });
  await outgoing.send("microphone", { track: voice, muted: true });
  expect(room.sent).toEqual([]);
  await outgoing.resume();

  expect(room.sent).toEqual([
    { source: "microphone", track: voice, muted: true },
    { source: "camera", track: picture, muted: false },
  ]);
});

test("an engine that hears of the resume a moment later is asked once more", async () => {
  const room = newRoom();
  outgoing.bind(room);
  await outgoing.send("camera", { track: picture, muted: false });
  await outgoing.pause();
  room.publishError = new NotPermitted();

  const resuming = outgoing.resume();
  await settled();
  room.publishError = undefined;
  await clock.passWhenAsked(500);
  await resuming;

  expect(room.sent).toHaveLength(1);
  expect(refused).toEqual([]);
});

describe("a limit", () => {
  const low = { ...NO_LIMITS, height: 360 };
  const limits = (room: FakeRoom): unknown[] => room.sent.map((one) => one.limits);

  test("holds for the picture that is sent, and in every room to come", async () => {
    const [first, second] = [newRoom(), newRoom()];
    outgoing.bind(first);
    await outgoing.send("camera", { track: picture, muted: false });
    await outgoing.send("screen", { track: track("screen"), muted: false });

    await outgoing.limit(low);
    outgoing.bind(second);
    await settled();

    expect([limits(first), limits(second)]).toEqual([
      [low, undefined],
      [low, undefined],
    ]);
  });

  test("that was set before there is a picture is kept by it", async () => {
    const room = newRoom();
    outgoing.bind(room);
    await outgoing.limit(low);

    await outgoing.send("camera", { track: picture, muted: false });

    expect(limits(room)).toEqual([low]);
  });

  test("that the browser does not take costs nobody the picture", async () => {
    const room = newRoom();
    room.limitError = new Error("InvalidStateError");
    outgoing.bind(room);
    await outgoing.limit(low);

    await outgoing.send("camera", { track: picture, muted: false });

    expect(room.sent).toHaveLength(1);
  });
});

describe("a microphone that is one too many", () => {
  test("is sent in silence, whoever asked is told, and may ask again", async () => {
    const room = newRoom();
    outgoing.bind(room);
    room.isFull = true;
    const sending = outgoing.send("microphone", { track: voice, muted: false });

    await expect(sending).rejects.toThrow(MicrophonesFull);
    expect(room.sent).toEqual([{ source: "microphone", track: voice, muted: true }]);
    room.isFull = false;
    await outgoing.send("microphone", { track: voice, muted: false });

    expect(room.sent).toEqual([{ source: "microphone", track: voice, muted: false }]);
    expect(refused).toEqual([]);
  });

  test("is opened all the same when there is room a moment later", async () => {
    const room = newRoom();
    outgoing.bind(room);
    room.isFull = true;
    room.onSent = () => {
      room.isFull = false;
    };

    await outgoing.send("microphone", { track: voice, muted: false });

    expect(room.sent).toEqual([{ source: "microphone", track: voice, muted: false }]);
  });

  test("is told of where a new room does not take it, and stays there in silence", async () => {
    const room = newRoom();
    room.isFull = true;
    await outgoing.send("microphone", { track: voice, muted: false });

    outgoing.bind(room);
    await settled();

    expect(refused).toEqual(["microphone"]);
    expect(room.sent).toEqual([{ source: "microphone", track: voice, muted: true }]);
  });
});
