/** Who is in a call, by what the server and the engine tell. */
import { beforeEach, describe, expect, test } from "vitest";
import type { RemoteParticipant } from "../../src/api/participants.js";
import { engineName, Roster } from "../../src/call/roster.js";
import type { Feed } from "../../src/media/incoming.js";
import type { Source } from "../../src/media/port.js";
import type { Leg } from "../../src/signalling/messages.js";
import type { Screens } from "../../src/streams/remote-video-stream.js";
import { ManualClock } from "../fakes/clock.js";

const NO_SCREENS: Screens = {
  show: () => undefined,
  hide: () => undefined,
  take: () => undefined,
  untake: () => undefined,
};

let roster: Roster;
let heard: string[];
let speakers: readonly string[];

beforeEach(() => {
  heard = [];
  speakers = [];
  roster = new Roster({
    clock: new ManualClock(),
    screens: NO_SCREENS,
    mute: async () => undefined,
    onUpdated: ({ added, removed }) => {
      heard.push(`people +${namesOf(added)} -${namesOf(removed)}`);
      for (const person of added) watch(person);
    },
    onPresent: () => undefined,
    onSpeakers: (rawIds) => {
      speakers = rawIds;
    },
  });
  roster.open();
});

function namesOf(people: readonly RemoteParticipant[]): string {
  return people.map(({ displayName }) => displayName).join();
}

function watch(person: RemoteParticipant): void {
  const { displayName } = person;
  person.on("stateChanged", () => heard.push(`${displayName} ${person.state}`));
  person.on("isMutedChanged", () => heard.push(`${displayName} muted ${person.isMuted}`));
  person.on("isSpeakingChanged", () => heard.push(`${displayName} speaks ${person.isSpeaking}`));
  person.on("roleChanged", () => heard.push(`${displayName} is ${person.role}`));
  person.on("displayNameChanged", ({ newValue, oldValue }) =>
    heard.push(`${oldValue} now ${newValue}`),
  );
  person.on("videoStreamsUpdated", ({ added, removed }) => {
    heard.push(`${displayName} streams +${added.length} -${removed.length}`);
    for (const stream of added) {
      stream.on("isAvailableChanged", () =>
        heard.push(`${displayName} ${stream.mediaStreamType} ${stream.isAvailable}`),
      );
    }
  });
}

function leg(participantId: string, changes: Partial<Leg> = {}): Leg {
  return {
    participantId,
    rawId: "8:acs:r_bo",
    displayName: "Bo",
    role: "Attendee",
    state: "connected",
    ...changes,
  };
}

function feed(source: Source, of: Leg, changes: Partial<Feed> = {}): Feed {
  return { sender: engineName(of), stay: "s", source, muted: false, ...changes };
}

describe("people", () => {
  test("of one identity are one, with an endpoint for each device", () => {
    roster.change(
      [leg("p-1"), leg("p-2"), leg("p-3", { rawId: "8:acs:r_cy", displayName: "Cy" })],
      [],
    );

    expect(roster.participants).toHaveLength(2);
    expect(roster.participants[0]?.endpointDetails).toEqual([
      { participantId: "p-1" },
      { participantId: "p-2" },
    ]);
    expect(heard).toEqual(["people +Bo,Cy -"]);
  });

  test("stay while one of their devices stays, and are the same object all the time", () => {
    roster.change([leg("p-1")], []);
    const [before] = roster.participants;

    roster.change([leg("p-2")], ["p-1"]);

    expect(roster.participants[0]).toBe(before);
    expect(heard).toEqual(["people +Bo -"]);
  });

  test("stay while their connection is being repaired", () => {
    roster.change([leg("p-1")], []);

    roster.change([leg("p-1", { state: "reconnecting" })], []);

    expect(roster.participants[0]?.state).toBe("Connected");
  });

  test("who leave are Disconnected first, then off the list", () => {
    roster.change([leg("p-1")], []);
    const [bo] = roster.participants;
    let listed = true;
    bo?.on("stateChanged", () => {
      listed = roster.participants.includes(bo);
    });

    roster.change([], ["p-1"]);

    expect(heard).toEqual(["people +Bo -", "Bo Disconnected", "people + -Bo"]);
    expect(listed).toBe(false);
  });

  test("of a snapshot are compared with those of before", () => {
    roster.change([leg("p-1")], []);

    roster.replace([leg("p-9", { rawId: "8:acs:r_cy", displayName: "Cy" })]);

    expect(heard).toEqual(["people +Bo -", "Bo Disconnected", "people +Cy -Bo"]);
  });

  test("may get another name and another role", () => {
    roster.change([leg("p-1")], []);

    roster.change([leg("p-1", { displayName: "Dr. Bo", role: "Presenter" })], []);

    expect(heard.slice(1)).toEqual(["Bo now Dr. Bo", "Bo is Presenter"]);
  });

  test("before the call is up are counted, but not told", () => {
    const early = new Roster({
      clock: new ManualClock(),
      screens: NO_SCREENS,
      mute: async () => undefined,
      onUpdated: () => heard.push("told"),
      onPresent: () => undefined,
      onSpeakers: () => undefined,
    });

    early.change([leg("p-1")], []);
    expect(heard).toEqual([]);
    expect(early.participants).toEqual([]);
    expect(early.has(engineName(leg("p-1")))).toBe(true);
    early.open();

    expect(heard).toEqual(["told"]);
  });
});

describe("sound", () => {
  test("nobody is heard without a microphone, or with a muted one", () => {
    const bo = leg("p-1");
    roster.change([bo], []);
    expect(roster.participants[0]?.isMuted).toBe(true);

    roster.setFeeds([feed("microphone", bo)]);
    roster.setFeeds([feed("microphone", bo, { muted: true })]);
    roster.setFeeds([feed("microphone", bo)]);
    roster.setFeeds([]);

    const changes = ["Bo muted false", "Bo muted true", "Bo muted false", "Bo muted true"];
    expect(heard.slice(1)).toEqual(changes);
  });

  test("a person with two devices is heard when one of them is", () => {
    const [first, second] = [leg("p-1"), leg("p-2")];
    roster.change([first, second], []);

    roster.setFeeds([feed("microphone", first, { muted: true }), feed("microphone", second)]);

    expect(roster.participants[0]?.isMuted).toBe(false);
  });

  test("who speaks is told when it begins and when it ends", () => {
    const bo = leg("p-1");
    roster.change([bo], []);

    roster.setSpeakers([engineName(bo), "somebody else"]);
    roster.setSpeakers([engineName(bo)]);
    roster.setSpeakers([]);

    expect(heard.slice(1)).toEqual(["Bo speaks true", "Bo speaks false"]);
  });

  test("who speaks is told by person, the loudest first, and only of those in the call", () => {
    roster.replace([leg("p-1"), leg("p-2"), leg("p-3", { rawId: "8:acs:resource_cy" })]);

    roster.setSpeakers([
      ...["8:acs:resource_cy~p-3", "8:acs:r_bo~p-2"],
      ...["8:acs:r_bo~p-1", "8:acs:resource_di~p-9"],
    ]);

    expect(speakers).toEqual(["8:acs:resource_cy", "8:acs:r_bo"]);
  });
});

describe("pictures", () => {
  test("a new stream is added before it is available", () => {
    const bo = leg("p-1");
    roster.change([bo], []);

    roster.setFeeds([feed("camera", bo)]);

    expect(heard.slice(1)).toEqual(["Bo streams +1 -0", "Bo Video true"]);
  });

  test("off and on again is the same stream", () => {
    const bo = leg("p-1");
    roster.change([bo], []);
    roster.setFeeds([feed("camera", bo)]);
    const stream = roster.participants[0]?.videoStreams[0];

    roster.setFeeds([]);
    expect(stream?.isAvailable).toBe(false);
    roster.setFeeds([feed("camera", bo)]);

    expect(roster.participants[0]?.videoStreams).toEqual([stream]);
    expect(stream?.isAvailable).toBe(true);
  });

  test("camera and screen are two streams with numbers of their own", () => {
    const bo = leg("p-1");
    roster.change([bo], []);

    roster.setFeeds([feed("camera", bo), feed("screen", bo)]);

    const streams = roster.participants[0]?.videoStreams ?? [];
    expect(streams.map(({ mediaStreamType }) => mediaStreamType)).toEqual([
      "Video",
      "ScreenSharing",
    ]);
    expect(new Set(streams.map(({ id }) => id)).size).toBe(2);
  });

  test("of a device that left are removed; those of the other device stay", () => {
    const [first, second] = [leg("p-1"), leg("p-2")];
    roster.change([first, second], []);
    roster.setFeeds([feed("camera", first), feed("camera", second)]);
    heard = [];

    roster.change([], ["p-1"]);

    expect(heard).toEqual(["Bo Video false", "Bo streams +0 -1"]);
    expect(roster.participants[0]?.videoStreams).toHaveLength(1);
  });

  test("of a person who left are removed before the person is", () => {
    const bo = leg("p-1");
    roster.change([bo], []);
    roster.setFeeds([feed("camera", bo)]);
    heard = [];

    roster.change([], ["p-1"]);

    expect(heard).toEqual([
      "Bo Video false",
      "Bo streams +0 -1",
      "Bo Disconnected",
      "people + -Bo",
    ]);
  });

  test("of a call that is over are there to be seen, and show nothing any more", () => {
    const bo = leg("p-1");
    roster.change([bo], []);
    roster.setFeeds([feed("camera", bo)]);
    roster.setSpeakers([engineName(bo)]);
    heard = [];

    roster.close();

    expect(heard).toEqual(["Bo Video false", "Bo speaks false"]);
    expect(roster.participants[0]?.videoStreams).toHaveLength(1);
  });

  test("that came before their sender was known are there when he is", () => {
    const bo = leg("p-1");
    roster.setFeeds([feed("camera", bo), feed("microphone", bo)]);

    roster.change([bo], []);

    expect(roster.participants[0]?.videoStreams[0]?.isAvailable).toBe(true);
    expect(roster.participants[0]?.isMuted).toBe(false);
  });

  test("of a sender whom the server does not name are nobody's", () => {
    roster.change([leg("p-1")], []);

    roster.setFeeds([{ sender: "8:acs:r_mallory~p-7", stay: "s", source: "camera", muted: false }]);

    expect(roster.participants).toHaveLength(1);
    expect(roster.participants[0]?.videoStreams).toEqual([]);
  });
});
