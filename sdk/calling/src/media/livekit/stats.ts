/** What a livekit-client room sends and receives, in the browser's own numbers. */
import type { Room, Track } from "livekit-client";
import type { Direction, StatsScope, TrackStats } from "../port.js";
import { sourceOf } from "./feeds.js";

interface Measured {
  readonly sender: string;
  readonly direction: Direction;
  readonly id: string;
  readonly track: Track;
}

/** The numbers of every track that a room sends and receives now. */
export async function statsOf(room: Room, scope: StatsScope): Promise<TrackStats[]> {
  const all = await Promise.all(tracksOf(room).map((one) => measure(one, scope)));
  return all.filter((one) => one !== undefined);
}

function tracksOf({ localParticipant, remoteParticipants }: Room): Measured[] {
  return [localParticipant, ...remoteParticipants.values()].flatMap((participant) =>
    [...participant.trackPublications.values()].flatMap(({ track, trackSid: id }) => {
      const direction = participant === localParticipant ? "send" : "receive";
      return track === undefined ? [] : [{ sender: participant.identity, direction, id, track }];
    }),
  );
}

async function measure(
  { sender, direction, id, track }: Measured,
  scope: StatsScope,
): Promise<TrackStats | undefined> {
  const source = sourceOf(track.source);
  const isVoiceOfOthers = source === "microphone" && direction === "receive";
  if (source === undefined || (scope === "pictures" && isVoiceOfOthers)) return undefined;
  // A track that is taken off in this very moment has no numbers any more.
  const report = await track.getRTCStatsReport().catch(() => undefined);
  return report && { sender, direction, id, source, numbers: [...report.values()] };
}
