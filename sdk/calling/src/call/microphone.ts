/** The voice that a call sends: its device opens for the first word, and is silent while muted. */
import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import { openBrowserLevel } from "../devices/level.js";
import type { Raises } from "../features/diagnostics.js";
import type { Cancel, Clock } from "../kernel/clock.js";
import type { Log } from "../kernel/log.js";
import { Turns } from "../kernel/turns.js";
import type { Outgoing } from "../media/outgoing.js";
import { MicrophonesFull } from "../media/port.js";
import type { Holder } from "../streams/capture-track.js";
import type { LocalAudioStream, MicrophoneChoice } from "../streams/local-audio-stream.js";
import { raiseOpened, raiseUnopened } from "./capture-trouble.js";
import { MicrophoneWatch } from "./microphone-watch.js";

/** Muted for so long, it is taken off: in a large room even silence costs everybody. */
const LONG_MUTE_MS = 300_000;

/** What a microphone needs from outside. */
export interface MicrophoneNeeds {
  readonly outgoing: Outgoing;
  readonly log: Log;
  readonly media: Raises<MediaDiagnosticValues>;
  readonly clock: Clock;
  readonly onMutedChanged: () => void;
  /** Another stream is sent now. */
  readonly onStream: (before: LocalAudioStream, now: LocalAudioStream) => void;
}

/** What the app asked for when the call began. */
export interface MicrophoneStart {
  readonly muted: boolean;
  readonly voice: LocalAudioStream;
}

/** Sends the person's voice. */
export class Microphone {
  private _stream: LocalAudioStream;
  private _track: MediaStreamTrack | undefined;
  private _isMuted: boolean;
  /** What the person asked for last; opening a device may take as long as a question on the screen. */
  private _wantsVoice: boolean;
  private _isClosed = false;
  /** Taken off until the next word; the device stays ready for it. */
  private _isResting = false;
  private _cancelRest: Cancel = () => undefined;
  private readonly _turns = new Turns();
  private readonly _holder: Holder;
  private readonly _watch: MicrophoneWatch;

  constructor(
    private readonly _needs: MicrophoneNeeds,
    { muted, voice }: MicrophoneStart,
  ) {
    this._stream = voice;
    this._isMuted = muted;
    this._wantsVoice = !muted;
    this._watch = new MicrophoneWatch({ ..._needs, openLevel: openBrowserLevel });
    this._holder = {
      onTrack: (track) => this._change(track),
      onEnded: ({ byApp }) => void (byApp ? this.takeAway() : this._replaceEnded()),
    };
  }

  get isMuted(): boolean {
    return this._isMuted;
  }

  /** What is sent, or would be. */
  get stream(): LocalAudioStream {
    return this._stream;
  }

  /** The call begins: send, unless muted. Without a microphone the call begins muted. */
  async begin(): Promise<void> {
    await this._turns
      .take(() => this._speak())
      .catch((error: unknown) => {
        this._needs.log.warning("the call begins without a microphone", error);
        if (error instanceof MicrophonesFull) this.stayMuted();
        else this._setMuted({ muted: true });
      });
  }

  /** Remember the wish for when the call begins. */
  wish({ muted }: { readonly muted: boolean }): void {
    this._wantsVoice = !muted;
    this._setMuted({ muted });
  }

  async mute(): Promise<void> {
    // Silence comes first, whatever else is under way.
    this._hush();
    this._setMuted({ muted: true });
    // While the browser still asks the person there is nothing to wait for.
    if (this._track === undefined) return;
    await this._turns.take(() => this._send());
  }

  async unmute(): Promise<void> {
    this._wantsVoice = true;
    await this._turns.take(async () => {
      if (!this._isMuted) return;
      await this._speak();
      if (this._wantsVoice && this._track !== undefined) this._setMuted({ muted: false });
    });
  }

  /** As many microphones are open as may be, and the app waits for no answer: it can see it. */
  stayMuted(): void {
    this._hush();
    this._setMuted({ muted: true });
    this._needs.media.raise("microphoneMuteUnexpectedly", true);
  }

  /** The person chose another microphone. */
  async follow(choice: MicrophoneChoice): Promise<void> {
    await this._turns
      .take(() => this._stream.follow(choice))
      .catch((error: unknown) => {
        this._needs.log.warning("the chosen microphone could not be opened", error);
      });
  }

  /** Send this stream from now on. Rejects when its device cannot be opened. */
  async use(stream: LocalAudioStream): Promise<void> {
    await this._turns.take(async () => {
      const before = this._stream;
      if (this._isClosed || stream === before) return;
      const track = this._track && (await stream.hold(this._holder));
      if (this._isClosed) {
        stream.release(this._holder);
        return;
      }
      this._stream = stream;
      if (track !== undefined) await this._adopt(track);
      before.release(this._holder);
      this._needs.onStream(before, stream);
    });
  }

  /** The role allows no speaking any more, or the engine or the app took the track away. */
  async takeAway(): Promise<void> {
    this._wantsVoice = false;
    this._drop();
    this._setMuted({ muted: true });
    await this._turns
      .take(() => this._needs.outgoing.send("microphone", undefined))
      .catch((error: unknown) =>
        this._needs.log.warning("the microphone could not be taken off", error),
      );
  }

  /** The call is over. */
  close(): void {
    this._isClosed = true;
    this._cancelRest();
    this._drop();
    if (this._stream.endsWithCall) this._stream.dispose();
  }

  private async _speak(): Promise<void> {
    if (this._isClosed || !this._wantsVoice) return;
    await this._open();
  }

  private async _open(): Promise<void> {
    const stream = this._stream;
    const track = await this._hold(stream);
    // Muted again, over, or taken away before anything was sent: then nothing needs to be open.
    const isUnwanted = this._track === undefined && !this._wantsVoice;
    if (this._isClosed || isUnwanted || track.readyState === "ended") {
      stream.release(this._holder);
      return;
    }
    try {
      await this._adopt(track);
    } catch (error) {
      if (error instanceof MicrophonesFull) this._hush();
      else this._drop();
      throw error;
    }
  }

  /** Ready to speak, but muted. */
  private _hush(): void {
    this._wantsVoice = false;
    if (this._track !== undefined) this._track.enabled = false;
    this._cancelRest();
    if (this._isClosed) return;
    // Who goes on to be muted is to send nothing some time.
    this._cancelRest = this._needs.clock.after(LONG_MUTE_MS, () => {
      this._isResting = !this._wantsVoice;
      this._turns
        .take(() => this._send())
        .catch((error: unknown) =>
          this._needs.log.warning("the muted microphone could not be taken off", error),
        );
    });
  }

  /** Send this track from now on, in silence unless voice is wanted. */
  private async _adopt(track: MediaStreamTrack): Promise<void> {
    track.enabled = this._wantsVoice;
    this._have(track);
    await this._send();
  }

  private async _send(): Promise<void> {
    const track = this._track;
    const muted = !this._wantsVoice;
    if (track === undefined) return;
    if (!muted) this._isResting = false;
    await this._needs.outgoing.send("microphone", this._isResting ? undefined : { track, muted });
  }

  /** The stream has another track, because another device was chosen. */
  private _change(track: MediaStreamTrack): void {
    if (this._isClosed || this._track === undefined) return;
    track.enabled = this._wantsVoice;
    this._have(track);
    this._turns
      .take(() => this._send())
      .catch((error: unknown) => {
        this._needs.log.warning("the chosen microphone could not be sent", error);
      });
  }

  /** Unplugged, for one: go on with the system's default microphone, or muted. */
  private async _replaceEnded(): Promise<void> {
    const gone = this._track;
    try {
      await this._turns.take(async () => {
        if (this._isClosed || gone === undefined || this._track !== gone) return;
        await this._stream.fallBack();
        await this._adopt(await this._hold(this._stream));
        if (this._isClosed) this._drop();
      });
    } catch (error) {
      this._needs.log.warning("the microphone went away", error);
      raiseUnopened(this._needs.media, "microphone", error);
      const wasHeard = !this._isMuted;
      const away = this.takeAway();
      if (wasHeard) this._needs.media.raise("microphoneMuteUnexpectedly", true);
      await away;
    }
  }

  private async _hold(stream: LocalAudioStream): Promise<MediaStreamTrack> {
    try {
      const track = await stream.hold(this._holder);
      raiseOpened(this._needs.media, "microphone");
      return track;
    } catch (error) {
      raiseUnopened(this._needs.media, "microphone", error);
      throw error;
    }
  }

  private _have(track: MediaStreamTrack | undefined): void {
    this._track = track;
    this._watch.see(track, { muted: this._isMuted });
  }

  private _drop(): void {
    this._have(undefined);
    this._stream.release(this._holder);
  }

  private _setMuted({ muted }: { readonly muted: boolean }): void {
    if (muted === this._isMuted) return;
    this._isMuted = muted;
    this._watch.see(this._track, { muted });
    if (!this._isClosed) this._needs.onMutedChanged();
  }
}
