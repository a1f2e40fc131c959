/** The camera or shared screen of somebody else. */
import type {
  MediaStreamType,
  RemoteVideoStream,
  RemoteVideoStreamEvents,
  ScalingMode,
  StreamSize,
} from "../api/streams.js";
import type { Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { FeedName, Taker } from "../media/incoming.js";
import { Frames } from "./frames.js";
import type { Showing, ViewSource } from "./view-source.js";

/** Brings a feed into elements. */
export interface Screens {
  show(feed: FeedName, video: HTMLVideoElement, arrived: () => void): void;
  hide(feed: FeedName, video: HTMLVideoElement): void;
  take(feed: FeedName, taker: Taker): void;
  untake(feed: FeedName): void;
}

/** What a stream is made from. */
export interface RemoteVideoStreamNeeds {
  readonly id: number;
  readonly feed: FeedName;
  readonly screens: Screens;
  readonly clock: Clock;
}

/** One source of one endpoint: the same object however often it is switched off and on. */
export class RemoteVideoStreamObject
  extends Emitter<RemoteVideoStreamEvents>
  implements RemoteVideoStream, ViewSource
{
  readonly id: number;
  readonly mediaStreamType: MediaStreamType;
  private readonly _frames: Frames;
  private readonly _gone = new Set<() => void>();
  private _taken: Promise<MediaStream> | undefined;
  private _isAvailable = false;
  private _isReceiving = false;
  private _size: StreamSize = { width: 0, height: 0 };

  constructor(private readonly _needs: RemoteVideoStreamNeeds) {
    super();
    this.id = _needs.id;
    this.mediaStreamType = _needs.feed.source === "screen" ? "ScreenSharing" : "Video";
    this._frames = new Frames(_needs.clock, {
      onSize: (size) => this._resize(size),
      onReceiving: (state) => this._receive(state),
    });
  }

  get isAvailable(): boolean {
    return this._isAvailable;
  }

  get isReceiving(): boolean {
    return this._isReceiving;
  }

  get size(): StreamSize {
    return { ...this._size };
  }

  async getMediaStream(): Promise<MediaStream> {
    if (!this._isAvailable) throw raise(FAILURES.streamUnavailable);
    this._taken ??= this._take();
    return this._taken;
  }

  get defaultScalingMode(): ScalingMode {
    return this.mediaStreamType === "ScreenSharing" ? "Fit" : "Crop";
  }

  /** The sender switched it on or off. */
  setAvailable({ available }: { readonly available: boolean }): void {
    if (available === this._isAvailable) return;
    this._isAvailable = available;
    this._frames.expect({ pictures: available });
    this.emit("isAvailableChanged");
    if (available) return;
    for (const gone of [...this._gone]) gone();
    this._taken = undefined;
    this._needs.screens.untake(this._needs.feed);
    this._receive({ receiving: false });
  }

  showIn(video: HTMLVideoElement): Showing {
    if (!this._isAvailable) throw raise(FAILURES.streamUnavailable);
    const { feed, screens } = this._needs;
    let gone: () => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      gone = () => reject(raise(FAILURES.streamGone));
      screens.show(feed, video, () => {
        this._gone.delete(gone);
        resolve();
      });
    });
    // Whoever shows a stream without waiting for it does not want to hear that it went away.
    ready.catch(() => undefined);
    this._gone.add(gone);
    this._frames.add(video);
    return { ready, release: () => this._release(video, gone) };
  }

  /** The same stream for all who ask while the sender sends; its track may become another one. */
  private _take(): Promise<MediaStream> {
    const { feed, screens } = this._needs;
    const taken = new Promise<MediaStream>((resolve, reject) => {
      const gone = (): void => reject(raise(FAILURES.streamGone));
      this._gone.add(gone);
      const stream = new MediaStream();
      screens.take(feed, (track) => {
        this._gone.delete(gone);
        for (const old of stream.getTracks()) if (old !== track) stream.removeTrack(old);
        stream.addTrack(track);
        resolve(stream);
      });
    });
    taken.catch(() => undefined);
    return taken;
  }

  private _release(video: HTMLVideoElement, gone: () => void): void {
    // Whoever still waits for this view learns that it is over.
    gone();
    this._gone.delete(gone);
    this._frames.remove(video);
    this._needs.screens.hide(this._needs.feed, video);
    if (this._frames.isIdle) this._receive({ receiving: false });
  }

  private _receive({ receiving }: { readonly receiving: boolean }): void {
    const next = receiving && this._isAvailable;
    if (next === this._isReceiving) return;
    this._isReceiving = next;
    this.emit("isReceivingChanged");
  }

  private _resize(size: StreamSize): void {
    if (size.width === this._size.width && size.height === this._size.height) return;
    this._size = size;
    this.emit("sizeChanged");
  }
}
