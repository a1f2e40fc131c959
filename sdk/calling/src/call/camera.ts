/** The picture that a call sends: one local video stream at a time. */
import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import type { Raises } from "../features/diagnostics.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { Log } from "../kernel/log.js";
import { Turns } from "../kernel/turns.js";
import type { Outgoing, Wish } from "../media/outgoing.js";
import type { Source } from "../media/port.js";
import type { Holder } from "../streams/capture-track.js";
import type { LocalVideoStream } from "../streams/local-video-stream.js";
import { raiseOpened, raiseUnopened } from "./capture-trouble.js";

/** The stream that was sent and the one that is sent now. */
export interface StreamChange {
  readonly before: LocalVideoStream | undefined;
  readonly now: LocalVideoStream | undefined;
}

/** What sending a picture needs from outside. */
export interface CameraNeeds {
  readonly source: Exclude<Source, "microphone">;
  readonly outgoing: Outgoing;
  readonly log: Log;
  readonly media: Raises<MediaDiagnosticValues>;
  /** Another stream is sent now, or none. */
  readonly onStream: (change: StreamChange) => void;
  /** Sending began or ended. */
  readonly onSwitched: () => void;
}

const STOPPED = {
  camera: "cameraStoppedUnexpectedly",
  screen: "capturerStoppedUnexpectedly",
} as const;

/** Sends one stream of the app: a camera, or a screen. */
export class Camera {
  private _stream: LocalVideoStream | undefined;
  private _isOn = false;
  private _isClosed = false;
  private readonly _turns = new Turns();
  private readonly _holder: Holder;

  constructor(
    private readonly _needs: CameraNeeds,
    stream?: LocalVideoStream,
  ) {
    this._stream = stream;
    this._holder = {
      onTrack: (track) => void this._send({ track, muted: false }),
      onEnded: (end) => void this._lose(end),
    };
  }

  /** What is sent, or waits to be sent when the call begins. */
  get stream(): LocalVideoStream | undefined {
    return this._stream;
  }

  /** Whether it is being sent. */
  get isOn(): boolean {
    return this._isOn;
  }

  /** The call begins: send what it was given. Without a device it begins without a picture. */
  async begin(): Promise<void> {
    const stream = this._stream;
    if (stream === undefined || this._isOn) return;
    await this._turns
      .take(() => this._on(stream))
      .catch((error: unknown) => {
        this._needs.log.warning(`the call begins without the ${this._needs.source}`, error);
      });
  }

  /** Send this stream. Rejects when its device cannot be opened or the engine refuses. */
  async start(stream: LocalVideoStream): Promise<void> {
    await this._turns.take(async () => {
      if (this._stream !== undefined) throw raise(FAILURES.videoStarted);
      await this._on(stream);
    });
  }

  /** Stop sending and close the device. */
  async stop(): Promise<void> {
    await this._turns.take(() => this._off());
  }

  /** The role allows no sending any more, the engine took it away, or the device is gone. */
  async takeAway(): Promise<void> {
    await this._turns
      .take(() => this._off())
      .catch((error: unknown) => {
        this._needs.log.warning(`the ${this._needs.source} could not be taken off`, error);
      });
  }

  /** The call is over. */
  close(): void {
    this._isClosed = true;
    if (this._stream?.endsWithCall) this._stream.dispose();
    else this._stream?.release(this._holder);
  }

  private async _on(stream: LocalVideoStream): Promise<void> {
    try {
      const track = await this._open(stream);
      if (this._isClosed) throw raise(FAILURES.callEnded);
      await this._needs.outgoing.send(this._needs.source, { track, muted: false });
    } catch (error) {
      stream.release(this._holder);
      this._set(undefined, { on: false });
      throw error;
    }
    this._set(stream, { on: true });
  }

  private async _open(stream: LocalVideoStream): Promise<MediaStreamTrack> {
    const { media, source } = this._needs;
    try {
      const track = await stream.hold(this._holder);
      raiseOpened(media, source);
      media.raise(STOPPED[source], false);
      return track;
    } catch (error) {
      raiseUnopened(media, source, error);
      throw error;
    }
  }

  private async _lose({ byApp }: { readonly byApp: boolean }): Promise<void> {
    if (!byApp && this._isOn && !this._isClosed) {
      this._needs.media.raise(STOPPED[this._needs.source], true);
    }
    await this.takeAway();
  }

  private async _off(): Promise<void> {
    const stream = this._stream;
    if (stream === undefined) return;
    this._set(undefined, { on: false });
    // Off the wire first: a closed device makes the others see a few black pixels.
    await this._send(undefined);
    stream.release(this._holder);
  }

  private async _send(wish: Wish | undefined): Promise<void> {
    await this._needs.outgoing.send(this._needs.source, wish).catch((error: unknown) => {
      this._needs.log.warning(`the ${this._needs.source} could not be sent`, error);
    });
  }

  private _set(stream: LocalVideoStream | undefined, { on }: { readonly on: boolean }): void {
    const before = this._stream;
    const wasOn = this._isOn;
    this._stream = stream;
    this._isOn = on;
    if (this._isClosed) return;
    if (before !== stream) this._needs.onStream({ before, now: stream });
    if (wasOn !== on) this._needs.onSwitched();
  }
}
