/** What is heard in one call: through which speaker, and whether at all. */
import type { CollectionUpdate } from "../api/events.js";
import type { RemoteAudioStream } from "../api/sound.js";
import type { Log } from "../kernel/log.js";
import type { Incoming } from "../media/incoming.js";
import type { MediaRoom } from "../media/port.js";
import { RemoteAudioStreamObject } from "../streams/remote-audio-stream.js";

/** The browser's name for whatever the system's speaker is. */
const SYSTEM_SPEAKER = "";

/** What hearing needs from outside. */
export interface HearingNeeds {
  readonly incoming: Pick<Incoming, "setSilent">;
  /** The browser's id of the speaker that the person chose. */
  readonly chosenSpeaker: () => string | undefined;
  readonly log: Log;
  /** The browser keeps sound back until the person touches the page, or does so no more. */
  readonly onBlocked: (state: { readonly blocked: boolean }) => void;
  readonly onMutedChanged: () => void;
  readonly onStreamsUpdated: (update: CollectionUpdate<RemoteAudioStream>) => void;
}

/** Lets the others be heard. */
export class Hearing {
  private readonly _stream = new RemoteAudioStreamObject();
  private _isListed = false;
  private _isMuted = false;
  private _room: MediaRoom | undefined;
  private _speaker = SYSTEM_SPEAKER;

  constructor(private readonly _needs: HearingNeeds) {}

  /** Whether nobody is heard here, whatever they say. */
  get isMuted(): boolean {
    return this._isMuted;
  }

  /** The others' sound, once there was any. */
  get streams(): readonly RemoteAudioStream[] {
    return this._isListed ? [this._stream] : [];
  }

  /** Hear nobody, or everybody again. */
  setMuted({ muted }: { readonly muted: boolean }): void {
    if (muted === this._isMuted) return;
    this._isMuted = muted;
    this._needs.incoming.setSilent({ silent: muted });
    this._needs.onMutedChanged();
  }

  /** There is a new room to hear, or none for the moment. */
  bind(room: MediaRoom | undefined): void {
    this._room = room;
    this._speaker = SYSTEM_SPEAKER;
    this.changeSpeaker();
  }

  /** The person chose another speaker, or the chosen one was unplugged: then the system's serves. */
  changeSpeaker(): void {
    const speaker = this._needs.chosenSpeaker() ?? SYSTEM_SPEAKER;
    if (this._room === undefined || speaker === this._speaker) return;
    this._speaker = speaker;
    this._room.setSpeaker(speaker).catch((error: unknown) => {
      this._needs.log.warning("the chosen speaker cannot be used", error);
    });
  }

  /** The browser keeps sound back, or does so no more. */
  setBlocked(state: { readonly blocked: boolean }): void {
    if (state.blocked) this._needs.log.warning("no sound plays before the page is touched");
    this._needs.onBlocked(state);
  }

  /** These are heard now. */
  hear(tracks: readonly MediaStreamTrack[]): void {
    this._stream.hear(tracks);
    if (this._isListed || tracks.length === 0) return;
    this._isListed = true;
    this._needs.onStreamsUpdated({ added: [this._stream], removed: [] });
  }

  /** The call is over. */
  close(): void {
    this._room = undefined;
    this._stream.hear([]);
    if (!this._isListed) return;
    this._isListed = false;
    this._needs.onStreamsUpdated({ added: [], removed: [this._stream] });
  }
}
