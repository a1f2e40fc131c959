/** Sends our own tracks by livekit-client, which never opens or stops a device. */
import {
  AudioPresets,
  type LocalTrack,
  type LocalTrackPublication,
  PublishTrackError,
  type Room,
  Track,
  type TrackPublishDefaults,
} from "livekit-client";
import { type Mute, NotPermitted, type Publication, type Source } from "../port.js";
import { openMicrophone } from "./opening.js";
import { OwnAudioTrack, OwnVideoTrack } from "./own-tracks.js";

const FORBIDDEN = 403;

/** Speech at 24 kbit/s with silence suppressed and losses covered; pictures in three sizes. */
export const PUBLISH_DEFAULTS: TrackPublishDefaults = {
  audioPreset: AudioPresets.speech,
  dtx: true,
  red: true,
  forceStereo: false,
  simulcast: true,
  videoCodec: "vp8",
};

const SOURCES: Record<Source, Track.Source> = {
  microphone: Track.Source.Microphone,
  camera: Track.Source.Camera,
  screen: Track.Source.ScreenShare,
};

/** A track that is sent, with the client's own name for it. */
export interface Published extends Publication {
  readonly publication: LocalTrackPublication;
}

/** A track to send. */
export interface Outgoing extends Mute {
  readonly source: Source;
  readonly given: MediaStreamTrack;
}

/** Send a track in a room. Rejects with `NotPermitted` when the engine does not allow it. */
export async function publish(room: Room, what: Outgoing): Promise<Published> {
  const { source, given, muted } = what;
  // Marked as provided by us: then the client does not acquire the device again by itself.
  const own =
    source === "microphone"
      ? new OwnAudioTrack(given, undefined, true)
      : new OwnVideoTrack(given, undefined, true);
  // The cast: its classes do not extend its base to the letter of `exactOptionalPropertyTypes`.
  const track = own as LocalTrack;
  if (muted) await track.mute();
  const publication = await room.localParticipant
    .publishTrack(track, { source: SOURCES[source] })
    .catch((error: unknown) => {
      if (error instanceof PublishTrackError && error.status === FORBIDDEN)
        throw new NotPermitted();
      throw error;
    });
  // Where no more microphones may be open, the service takes one in silence.
  const isSilenced = !muted && publication.trackInfo?.muted === true;
  if (isSilenced) await track.mute();
  return {
    publication,
    muted: muted || isSilenced,
    replace: async (next) => {
      await (own instanceof OwnVideoTrack ? own.replace(next) : own.replaceTrack(next, true));
    },
    limit: async (limits) => {
      if (own instanceof OwnVideoTrack) await own.limit(limits);
    },
    setMuted: async (mute) => {
      if (mute.muted) await track.mute();
      else if (source === "microphone") await openMicrophone(room, track, publication.trackSid);
      else await track.unmute();
    },
    unpublish: async () => {
      // Of what is taken off the service hears late: this gives the place to somebody else at once.
      if (source === "microphone") room.engine?.updateMuteStatus(publication.trackSid, true);
      await room.localParticipant.unpublishTrack(track, false);
    },
  };
}
