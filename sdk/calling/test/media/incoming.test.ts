/** Asking the engine for what is shown and heard, and for nothing else. */
import { beforeEach, describe, expect, test } from "vitest";
import { type Feed, Incoming } from "../../src/media/incoming.js";
import type { Source } from "../../src/media/port.js";
import { ManualClock } from "../fakes/clock.js";
import { FakeRoom } from "../fakes/room.js";

let clock: ManualClock;
let incoming: Incoming;
let inCall: Set<string>;
let told: string[];
let heard: readonly MediaStreamTrack[];

beforeEach(() => {
  clock = new ManualClock();
  inCall = new Set(["bo"]);
  told = [];
  heard = [];
  incoming = new Incoming(
    { clock, isInCall: (sender) => inCall.has(sender) },
    { onFeeds: (feeds) => (told = feeds.map(nameOf)), onSound: (tracks) => (heard = tracks) },
  );
});

function nameOf({ source, sender, muted }: Feed): string {
  return `${source} ${sender}${muted ? " muted" : ""}`;
}

function newRoom(): FakeRoom {
  const ignore = (): void => undefined;
  const onFeeds = (): void => incoming.refresh();
  return new FakeRoom({
    ...{ onFeeds, onSpeakers: ignore, onTakenAway: ignore },
    onUnreachable: ignore,
    onAnswered: ignore,
    onPlayback: ignore,
  });
}

// Elements are only handed on: any object will do.
const element = (): HTMLVideoElement => ({}) as HTMLVideoElement;
const feed = (source: Source, changes: object = {}): { sender: string; source: Source } => ({
  sender: "bo",
  source,
  ...changes,
});

describe("what is asked for", () => {
  test("sound is, a picture that nobody looks at is not", () => {
    const room = newRoom();
    incoming.bind(room);

    room.receive(feed("microphone"), feed("camera"));

    expect(room.done).toEqual(["want microphone bo"]);
  });

  test("a microphone that is muted is asked for when it is unmuted", () => {
    const room = newRoom();
    incoming.bind(room);

    room.receive(feed("microphone", { muted: true }));
    expect(room.done).toEqual([]);
    room.receive(feed("microphone"));

    expect(room.done).toEqual(["want microphone bo"]);
  });

  test("of very many open microphones those are, who speak", () => {
    const room = newRoom();
    const everyone = Array.from({ length: 13 }, (_, at) => `person ${at}`);
    inCall = new Set(everyone);
    incoming.bind(room);
    room.receive(...everyone.map((sender) => feed("microphone", { sender })));
    expect(room.done).not.toContain("want microphone person 12");

    incoming.setSpeakers(["person 12"]);

    expect(room.done).toContain("want microphone person 12");
  });

  test("sound can be played in silence, and is received all the same", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("microphone"));

    incoming.setSilent({ silent: true });
    expect(room.done).toEqual(["want microphone bo", "hush microphone bo"]);
    expect(heard).toHaveLength(1);
    incoming.setSilent({ silent: false });

    expect(room.done.at(-1)).toBe("play microphone bo");
  });

  test("of a sender who is not in the call nothing is heard", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("microphone"));
    incoming.refresh();
    inCall.clear();

    incoming.refresh();

    expect(heard).toEqual([]);
  });

  test("a picture whose track the app wants is, until the app has no use for it", () => {
    const room = newRoom();
    const taken: MediaStreamTrack[] = [];
    incoming.bind(room);
    room.receive(feed("camera"));

    incoming.take(feed("camera"), (track) => taken.push(track));
    incoming.refresh();
    incoming.untake(feed("camera"));
    incoming.untake(feed("camera"));

    expect(taken).toHaveLength(1);
    expect(room.done).toEqual(["want camera bo", "drop camera bo"]);
  });

  test("sound that has arrived is played", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("microphone"));

    incoming.refresh();

    expect(room.done).toContain("play microphone bo");
  });

  test("a picture is when it is shown, and is put where it is shown", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("camera"));
    let arrived = 0;

    incoming.show(feed("camera"), element(), () => {
      arrived += 1;
    });
    incoming.refresh();

    expect(room.done).toEqual(["want camera bo", "attach camera bo"]);
    expect(arrived).toBe(1);
  });

  test("a picture that is taken off lingers for a moment", () => {
    const room = newRoom();
    const video = element();
    incoming.bind(room);
    room.receive(feed("camera"));
    incoming.show(feed("camera"), video, () => undefined);

    incoming.hide(feed("camera"), video);
    expect(room.done).not.toContain("drop camera bo");
    clock.advance(2_000);

    expect(room.done.at(-1)).toBe("drop camera bo");
  });

  test("a view that is made again at once keeps the picture coming", () => {
    const room = newRoom();
    const video = element();
    incoming.bind(room);
    room.receive(feed("camera"));
    incoming.show(feed("camera"), video, () => undefined);

    incoming.hide(feed("camera"), video);
    incoming.show(feed("camera"), element(), () => undefined);
    clock.advance(10_000);

    expect(room.done).not.toContain("drop camera bo");
  });

  test("nothing is from a sender whom the server does not count among us", () => {
    const room = newRoom();
    incoming.bind(room);

    room.receive({ sender: "stranger", source: "microphone" });

    expect(room.done).toEqual([]);
  });

  test("the sound of a sender who is removed is dropped", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("microphone"));

    inCall.delete("bo");
    incoming.refresh();

    expect(room.done.at(-1)).toBe("drop microphone bo");
  });
});

describe("before media is up", () => {
  test("sound is asked for, and pictures that are going to be looked at", () => {
    const room = newRoom();
    room.receive(feed("microphone"), feed("camera"));

    incoming.expect(room);
    incoming.bind(room);

    expect(room.done.slice(0, 2)).toEqual(["want microphone bo", "want camera bo"]);
    expect(room.done).not.toContain("drop camera bo");
  });

  test("a picture that nobody looked at after all is dropped after a while", () => {
    const room = newRoom();
    room.receive(feed("camera"));
    incoming.expect(room);
    incoming.bind(room);

    clock.advance(4_999);
    expect(room.done).not.toContain("drop camera bo");
    clock.advance(1);

    expect(room.done.at(-1)).toBe("drop camera bo");
  });

  test("a picture that is looked at in time stays", () => {
    const room = newRoom();
    room.receive(feed("camera"));
    incoming.expect(room);
    incoming.bind(room);

    incoming.show(feed("camera"), element(), () => undefined);
    clock.advance(60_000);

    expect(room.done).toEqual(["want camera bo", "attach camera bo"]);
  });

  test("of many pictures none is asked for: nobody knows which will be looked at", () => {
    const room = newRoom();
    const senders = ["bo", "cy", "di", "ed", "flo"];
    for (const sender of senders) inCall.add(sender);
    room.receive(feed("microphone"), ...senders.map((sender) => feed("camera", { sender })));

    incoming.expect(room);

    expect(room.done).toEqual(["want microphone bo"]);
  });

  test("nothing that is muted or of a stranger is asked for", () => {
    const room = newRoom();
    room.receive(
      feed("microphone", { muted: true }),
      feed("screen", { muted: true }),
      feed("camera", { sender: "stranger" }),
    );

    incoming.expect(room);

    expect(room.done).toEqual([]);
  });

  test("a room in the place of a lost one is asked for what is looked at, and for no more", () => {
    const [first, second] = [newRoom(), newRoom()];
    incoming.bind(first);
    first.receive(feed("camera"), feed("screen"));
    incoming.show(feed("camera"), element(), () => undefined);
    incoming.bind(undefined);
    second.receive(feed("camera"), feed("screen"));

    incoming.expect(second);

    expect(second.done).toEqual(["want camera bo"]);
  });

  test("the end of the call forgets what it was waiting for", () => {
    const room = newRoom();
    room.receive(feed("camera"));
    incoming.expect(room);

    incoming.close();
    clock.advance(60_000);

    expect(room.done).toEqual(["want camera bo"]);
  });
});

describe("what is told", () => {
  test("a camera that is switched off is gone at once", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("microphone"), feed("camera"));

    room.receive(feed("microphone"));

    expect(told).toEqual(["microphone bo"]);
  });

  test("a sender whose media is repaired keeps what he sent for a while", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("camera"));

    room.receive();

    expect(told).toEqual(["camera bo"]);
  });

  test("a sender who came back without his camera has switched it off", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("camera"));
    room.receive(feed("microphone", { stay: "stay-2" }));
    expect(told).toContain("camera bo");

    clock.advance(6_000);

    expect(told).toEqual(["microphone bo"]);
  });

  test("a sender who came back sends as before", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("camera"));
    room.receive();

    room.receive(feed("camera", { stay: "stay-2" }));
    clock.advance(60_000);

    expect(told).toEqual(["camera bo"]);
  });

  test("while the own media is away everything is as it was last", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("camera"));
    room.receive();

    incoming.bind(undefined);
    clock.advance(60_000);
    expect(told).toEqual(["camera bo"]);
    const again = newRoom();
    incoming.bind(again);
    again.receive(feed("camera", { stay: "stay-2" }));

    expect(told).toEqual(["camera bo"]);
  });

  test("views are served again by another room", () => {
    const [first, second] = [newRoom(), newRoom()];
    incoming.bind(first);
    first.receive(feed("camera"));
    incoming.show(feed("camera"), element(), () => undefined);

    incoming.bind(undefined);
    incoming.bind(second);
    second.receive(feed("camera", { stay: "stay-2" }));
    incoming.refresh();

    expect(second.done).toEqual(["want camera bo", "attach camera bo"]);
  });

  test("a room that was lost lets go of its elements once the next one shows something", () => {
    const [first, second] = [newRoom(), newRoom()];
    incoming.bind(first);
    first.receive(feed("camera"));
    incoming.show(feed("camera"), element(), () => undefined);
    incoming.refresh();
    incoming.bind(undefined);
    incoming.bind(second);
    expect(first.done).not.toContain("detach camera bo");

    second.receive(feed("camera"));
    incoming.refresh();

    expect(first.done.at(-1)).toBe("detach camera bo");
    expect(second.done).not.toContain("detach camera bo");
  });

  test("the end of the call lets go of elements whose views nobody disposed", () => {
    const room = newRoom();
    incoming.bind(room);
    room.receive(feed("camera"));
    incoming.show(feed("camera"), element(), () => undefined);
    incoming.refresh();

    incoming.bind(undefined);
    incoming.close();

    expect(room.done.at(-1)).toBe("detach camera bo");
  });
});
