/** Sends our own tracks by livekit-client, which never opens or stops a device. */
import {
  AudioPresets,
  LocalAudioTrack,
  type LocalTrack,
  type LocalTrackPublication,
  LocalVideoTrack,
  PublishTrackError,
  type Room,
  Track,
  type TrackPublishDefaults,
} from "livekit-client";
import { NO_LIMITS, type PictureLimits } from "../limits.js";
import { type Mute, NotPermitted, type Publication, type Source } from "../port.js";
import { type Encoding, encode, encodingsOf, limited } from "./encodings.js";

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

// The devices are ours: the client stops tracks at moments of its own, such as a late publication.
class OwnAudioTrack extends LocalAudioTrack {
  override stop(): void {
    this.stopMonitor();
  }
}

class OwnVideoTrack extends LocalVideoTrack {
  override stop(): void {
    this.stopMonitor();
  }
}

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
  const Kind = source === "microphone" ? OwnAudioTrack : OwnVideoTrack;
  // Marked as provided by us: then the client does not acquire the device again by itself.
  // The cast: its classes do not extend its base to the letter of `exactOptionalPropertyTypes`.
  const track = new Kind(given, undefined, true) as LocalTrack;
  if (muted) await track.mute();
  const publication = await room.localParticipant
    .publishTrack(track, { source: SOURCES[source] })
    .catch((error: unknown) => {
      if (error instanceof PublishTrackError && error.status === FORBIDDEN)
        throw new NotPermitted();
      throw error;
    });
  const limiter = new Limiter(track);
  return {
    publication,
    replace: (next) => limiter.around(() => track.replaceTrack(next, true)),
    limit: (limits) => limiter.limit(limits),
    setMuted: async (mute) => {
      await (mute.muted ? track.mute() : track.unmute());
    },
    unpublish: async () => {
      await room.localParticipant.unpublishTrack(track, false);
    },
  };
}

/** Keeps one track within limits, whatever the client makes of it. */
class Limiter {
  private _limits = NO_LIMITS;
  /** What the client chose for the track that is sent now; undefined while nothing was changed. */
  private _chosen: readonly Encoding[] | undefined;

  constructor(private readonly _track: LocalTrack) {}

  async limit(limits: PictureLimits): Promise<void> {
    this._limits = limits;
    const { sender, mediaStreamTrack } = this._track;
    if (sender === undefined) return;
    this._chosen ??= encodingsOf(sender);
    const { height = 0 } = mediaStreamTrack.getSettings();
    await encode(sender, limited(this._chosen, limits, height));
  }

  /** Another track: the client chooses anew by its size, from what it had chosen before. */
  async around(replace: () => Promise<unknown>): Promise<void> {
    const limits = this._limits;
    if (this._chosen !== undefined) await this.limit(NO_LIMITS);
    this._chosen = undefined;
    await replace();
    if (limits !== NO_LIMITS) await this.limit(limits);
  }
}
