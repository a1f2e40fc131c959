/** The microphone of one call: opened for the first word, silent while muted. */
import { openMicrophone } from "../devices/capture.js";
import type { Log } from "../kernel/log.js";
import type { Outgoing } from "../media/outgoing.js";

/** What a microphone needs from outside. */
export interface MicrophoneNeeds {
  readonly outgoing: Outgoing;
  /** The browser's id of the microphone that the person chose. */
  readonly chosenId: () => string | undefined;
  readonly log: Log;
  readonly onMutedChanged: () => void;
}

/** Sends the person's voice. */
export class Microphone {
  private _track: MediaStreamTrack | undefined;
  private _isMuted: boolean;
  /** What the person asked for last; opening a device may take as long as a question on the screen. */
  private _wantsVoice: boolean;
  private _isClosed = false;
  private _work: Promise<unknown> = Promise.resolve();
  private readonly _onEnded: () => void;

  constructor(
    private readonly _needs: MicrophoneNeeds,
    start: { readonly muted: boolean },
  ) {
    this._isMuted = start.muted;
    this._wantsVoice = !start.muted;
    this._onEnded = () => void this._replaceEnded();
  }

  get isMuted(): boolean {
    return this._isMuted;
  }

  /** The call begins: send, unless muted. Without a microphone the call begins muted. */
  async begin(): Promise<void> {
    await this._inTurn(() => this._speak()).catch((error: unknown) => {
      this._needs.log.warning("the call begins without a microphone", error);
      this._setMuted({ muted: true });
    });
  }

  /** Remember the wish for when the call begins. */
  wish({ muted }: { readonly muted: boolean }): void {
    this._wantsVoice = !muted;
    this._setMuted({ muted });
  }

  async mute(): Promise<void> {
    this._wantsVoice = false;
    // Silence comes first, whatever else is under way.
    if (this._track !== undefined) this._track.enabled = false;
    this._setMuted({ muted: true });
    // While the browser still asks the person there is nothing to wait for.
    if (this._track === undefined) return;
    await this._inTurn(async () => {
      const track = this._track;
      const muted = !this._wantsVoice;
      if (track !== undefined) await this._needs.outgoing.send("microphone", { track, muted });
    });
  }

  async unmute(): Promise<void> {
    this._wantsVoice = true;
    await this._inTurn(async () => {
      if (!this._isMuted) return;
      await this._speak();
      if (this._wantsVoice) this._setMuted({ muted: false });
    });
  }

  /** The person chose another microphone. */
  async reopen(): Promise<void> {
    await this._inTurn(async () => {
      if (this._track !== undefined)
        await this._adopt(await openMicrophone(this._needs.chosenId()));
    }).catch((error: unknown) => {
      this._needs.log.warning("the chosen microphone could not be opened", error);
    });
  }

  /** The role allows no speaking any more, or the engine took the track away. */
  async takeAway(): Promise<void> {
    this._wantsVoice = false;
    this._drop();
    this._setMuted({ muted: true });
    await this._inTurn(() => this._needs.outgoing.send("microphone", undefined)).catch(
      (error: unknown) => this._needs.log.warning("the microphone could not be taken off", error),
    );
  }

  /** The call is over. */
  close(): void {
    this._isClosed = true;
    this._drop();
  }

  /** One change at a time, in the order in which they were asked for. */
  private _inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this._work.then(change);
    this._work = turn.catch(() => undefined);
    return turn;
  }

  private async _speak(): Promise<void> {
    if (this._isClosed || !this._wantsVoice) return;
    const track = this._track ?? (await openMicrophone(this._needs.chosenId()));
    try {
      await this._adopt(track);
    } catch (error) {
      this._drop();
      throw error;
    }
  }

  /** Send this track from now on, instead of the one before; in silence unless voice is wanted. */
  private async _adopt(track: MediaStreamTrack): Promise<void> {
    const before = this._track;
    const muted = !this._wantsVoice;
    // Muted again, or over, before anything was sent: then nothing needs to be open.
    if (this._isClosed || (before === undefined && muted)) {
      track.stop();
      return;
    }
    track.enabled = !muted;
    if (before !== track) track.addEventListener("ended", this._onEnded);
    this._track = track;
    await this._needs.outgoing.send("microphone", { track, muted });
    if (before === undefined || before === track) return;
    before.removeEventListener("ended", this._onEnded);
    before.stop();
  }

  /** Unplugged, for one: go on with the system's default microphone, or muted. */
  private async _replaceEnded(): Promise<void> {
    try {
      await this._inTurn(async () => {
        if (this._track?.readyState === "ended") await this._adopt(await openMicrophone(undefined));
      });
    } catch (error) {
      this._needs.log.warning("the microphone went away", error);
      await this.takeAway();
    }
  }

  private _drop(): void {
    this._track?.removeEventListener("ended", this._onEnded);
    this._track?.stop();
    this._track = undefined;
  }

  private _setMuted({ muted }: { readonly muted: boolean }): void {
    if (muted === this._isMuted) return;
    this._isMuted = muted;
    if (!this._isClosed) this._needs.onMutedChanged();
  }
}
