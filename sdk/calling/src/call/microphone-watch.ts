/** Notices what is wrong with an open microphone. */
import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import type { Level, OpenLevel } from "../devices/level.js";
import type { Raises } from "../features/diagnostics.js";
import type { Cancel, Clock } from "../kernel/clock.js";

/** So long a microphone may give nothing. */
const DEAD_MS = 10_000;
const LISTEN_MS = 200;
/** A voice in front of the microphone; less is the room. */
const VOICE = 0.03;
/** One who speaks does so in this many looks of the last; fewer are a cough. */
const OFTEN = 3;
const LOOKS = 5;
/** He is silent again after so many quiet looks. */
const SILENT = 15;

/** What watching needs from outside. */
export interface MicrophoneWatchNeeds {
  readonly clock: Clock;
  readonly openLevel: OpenLevel;
  readonly media: Raises<MediaDiagnosticValues>;
}

/** Watches the microphone of one call. */
export class MicrophoneWatch {
  private _track: MediaStreamTrack | undefined;
  private _isMuted = false;
  private _level: Level | undefined;
  /** Whether a voice was heard in the last looks, the newest last. */
  private _looks: readonly boolean[] = [];
  private _stopLook: Cancel = () => undefined;
  private _stopDead: Cancel = () => undefined;
  private readonly _onSystem: () => void;

  constructor(private readonly _needs: MicrophoneWatchNeeds) {
    this._onSystem = () => this._judge();
  }

  /** This track is open now, or none, and the person is muted or not. */
  see(track: MediaStreamTrack | undefined, { muted }: { readonly muted: boolean }): void {
    if (track === this._track && muted === this._isMuted) return;
    if (track !== this._track) this._change(track);
    this._isMuted = muted;
    this._judge();
    this._deafen();
    if (track !== undefined && muted) this._listen(track);
  }

  private _change(track: MediaStreamTrack | undefined): void {
    for (const event of ["mute", "unmute"]) {
      this._track?.removeEventListener(event, this._onSystem);
      track?.addEventListener(event, this._onSystem);
    }
    this._track = track;
    this._deafen();
  }

  /** The system may silence a microphone: another app took it, or a switch on the device. */
  private _judge(): void {
    const isSilenced = this._track?.muted === true && !this._isMuted;
    this._stopDead();
    if (this._track !== undefined) {
      this._needs.media.raise("microphoneMuteUnexpectedly", isSilenced);
    }
    if (isSilenced) {
      this._stopDead = this._needs.clock.after(DEAD_MS, () =>
        this._needs.media.raise("microphoneNotFunctioning", true),
      );
    } else if (this._track !== undefined) {
      this._needs.media.raise("microphoneNotFunctioning", false);
    }
  }

  private _listen(track: MediaStreamTrack): void {
    this._level = this._needs.openLevel(track);
    if (this._level !== undefined) this._look(this._level);
  }

  private _deafen(): void {
    this._stopLook();
    this._level?.close();
    this._level = undefined;
    this._looks = [];
    this._needs.media.raise("speakingWhileMicrophoneIsMuted", false);
  }

  private _look(level: Level): void {
    this._looks = [...this._looks, level.read() > VOICE].slice(-SILENT);
    const voices = this._looks.slice(-LOOKS).filter(Boolean).length;
    if (voices >= OFTEN) this._needs.media.raise("speakingWhileMicrophoneIsMuted", true);
    if (!this._looks.includes(true)) {
      this._needs.media.raise("speakingWhileMicrophoneIsMuted", false);
    }
    this._stopLook = this._needs.clock.after(LISTEN_MS, () => this._look(level));
  }
}
