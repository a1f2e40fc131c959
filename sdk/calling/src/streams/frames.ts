/** Tells from the elements that show a stream whether pictures arrive, and how large they are. */
import type { StreamSize } from "../api/streams.js";
import type { Cancel, Clock } from "../kernel/clock.js";

const LOOK_MS = 1_000;
/** A camera without a new picture for so long has frozen. */
const FROZEN_MS = 4_000;

/** The engine ends what it forwards with a few black pictures of 8x8, which are no news. */
const BLANK_PX = 8;

/** What the pictures tell. */
export interface FrameListener {
  onSize(size: StreamSize): void;
  onReceiving(state: { readonly receiving: boolean }): void;
}

interface Watched {
  readonly forget: () => void;
  /** Pictures noticed by calls back, at most one a look. */
  noticed: number;
  isNoticing: boolean;
  frames: number;
  since: number;
}

/** Watches the elements of one stream. */
export class Frames {
  private readonly _videos = new Map<HTMLVideoElement, Watched>();
  private _stop: Cancel = () => undefined;
  private _isOn = false;

  constructor(
    private readonly _clock: Clock,
    private readonly _listener: FrameListener,
  ) {}

  /** Whether no element shows the stream. */
  get isIdle(): boolean {
    return this._videos.size === 0;
  }

  /** Watch one more element. */
  add(video: HTMLVideoElement): void {
    const onPicture = (): void => this._picture(video);
    video.addEventListener("loadeddata", onPicture);
    video.addEventListener("resize", onPicture);
    const forget = (): void => {
      video.removeEventListener("loadeddata", onPicture);
      video.removeEventListener("resize", onPicture);
    };
    const since = this._clock.now();
    this._videos.set(video, { forget, noticed: 0, isNoticing: false, frames: 0, since });
    this._lookLater();
  }

  /** Watch it no more. */
  remove(video: HTMLVideoElement): void {
    this._videos.get(video)?.forget();
    this._videos.delete(video);
    if (this._videos.size === 0) this._stop();
  }

  /**
   * Whether pictures are to be expected. While they are not, nothing is looked at: an app may keep
   * a view for ever, and a timer would keep its whole call.
   */
  expect({ pictures }: { readonly pictures: boolean }): void {
    this._isOn = pictures;
    this._lookLater();
  }

  private _picture(video: HTMLVideoElement): void {
    const { videoWidth: width, videoHeight: height } = video;
    if (width <= BLANK_PX || height <= BLANK_PX) return;
    this._listener.onSize({ width, height });
    this._listener.onReceiving({ receiving: true });
  }

  private _lookLater(): void {
    this._stop();
    if (!this._isOn || this._videos.size === 0) return;
    this._stop = this._clock.after(LOOK_MS, () => {
      this._look();
      this._lookLater();
    });
  }

  private _look(): void {
    const now = this._clock.now();
    let shown = 0;
    let frozen = 0;
    for (const [video, watched] of this._videos) {
      const frames = framesOf(video, watched);
      if (frames !== watched.frames || !isShown(video))
        Object.assign(watched, { frames, since: now });
      if (!isShown(video) || frames === 0) continue;
      shown += 1;
      if (now - watched.since >= FROZEN_MS) frozen += 1;
    }
    // Hidden elements receive nothing on purpose: they say nothing about the sender.
    if (shown > 0) this._listener.onReceiving({ receiving: frozen < shown });
  }
}

/** A number that grows while pictures arrive. */
function framesOf(video: HTMLVideoElement, watched: Watched): number {
  const { totalVideoFrames } = video.getVideoPlaybackQuality();
  // Firefox counts the pictures of files alone: of a stream it calls back when one was shown.
  if (totalVideoFrames > 0) return totalVideoFrames;
  if (!watched.isNoticing && video.requestVideoFrameCallback !== undefined) {
    watched.isNoticing = true;
    video.requestVideoFrameCallback(() => {
      watched.isNoticing = false;
      watched.noticed += 1;
    });
  }
  return watched.noticed;
}

/** Whether a person could see the element now. */
function isShown(video: HTMLVideoElement): boolean {
  if (document.hidden || !video.isConnected) return false;
  const { top, left, bottom, right, width, height } = video.getBoundingClientRect();
  const inside = top < innerHeight && left < innerWidth && bottom > 0 && right > 0;
  return inside && width > 0 && height > 0;
}
