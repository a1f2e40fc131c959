// @vitest-environment happy-dom
/** What of a room is measured: voices of others cost much where many speak. */
import { type Room, Track } from "livekit-client";
import { expect, test } from "vitest";
import { statsOf } from "../../../src/media/livekit/stats.js";

function participant(identity: string): object {
  const publication = (source: Track.Source): object => ({
    trackSid: source,
    track: { source, getRTCStatsReport: async () => new Map() },
  });
  const all = [Track.Source.Microphone, Track.Source.Camera].map(publication);
  return { identity, trackPublications: new Map(all.map((one, at) => [at, one])) };
}

// The fake has what measuring uses of a room.
const room = {
  localParticipant: participant("me"),
  remoteParticipants: new Map([["bo", participant("bo")]]),
} as unknown as Room;

test.each([
  ["pictures", ["me microphone", "me camera", "bo camera"]],
  ["everything", ["me microphone", "me camera", "bo microphone", "bo camera"]],
] as const)("%s are of these tracks", async (scope, expected) => {
  const stats = await statsOf(room, scope);

  expect(stats.map(({ sender, source }) => `${sender} ${source}`)).toEqual(expected);
});
