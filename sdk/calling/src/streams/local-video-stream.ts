/** The app's own picture: a camera, a track of its own making, or a shared screen. */
import type { VideoDeviceInfo } from "../api/devices.js";
import type { VideoStreamFeature, VideoStreamFeatureFactory } from "../api/effects.js";
import type { MediaStreamType, ScalingMode } from "../api/streams.js";
import { openCamera } from "../devices/capture.js";
import { deviceIdIn } from "../devices/device-ids.js";
import { featureNamed } from "../features/finding.js";
import { VideoEffectsObject } from "../features/video-effects.js";
import { systemClock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { newGuid } from "../kernel/ids.js";
import { type CaptureSource, CaptureTrack, type Holder } from "./capture-track.js";
import type { Showing } from "./view-source.js";

/** Pages dispose and make previews anew when their layout changes; the camera stays on so long. */
const PREVIEW_LINGER_MS = 1_000;

/** How a local video stream behaves. */
export interface LocalVideoStreamOptions {
  /** Whether the device is closed when a call that sent the stream ends. True when left out. */
  autoDisposeOnCallEnd?: boolean | undefined;
}

/** Tells which stream has another source now. */
export interface VideoSourceChangedEventArgs {
  source: LocalVideoStream;
}

/** The events of a local video stream. */
export interface LocalVideoStreamEvents {
  videoSourceChanged: [change: VideoSourceChangedEventArgs];
}

/** A picture to show as a preview or to send. The device opens when it is first needed. */
export class LocalVideoStream extends Emitter<LocalVideoStreamEvents> {
  private readonly _effects = new VideoEffectsObject();
  private _capture: CaptureTrack;
  private readonly _app: Holder = { onTrack: () => undefined, onEnded: () => undefined };
  private readonly _autoDispose: boolean;
  private _mediaStreamType: MediaStreamType;
  private _source: VideoDeviceInfo;

  /** For a camera from `DeviceManager.getCameras()`, or for a stream of the app's own. */
  constructor(source: VideoDeviceInfo | MediaStream, options?: LocalVideoStreamOptions) {
    super();
    const made = isStream(source) ? rawSource(source) : cameraSource(source);
    this._mediaStreamType = isStream(source) ? "RawMedia" : "Video";
    this._source = made.info;
    this._autoDispose = options?.autoDisposeOnCallEnd ?? true;
    this._capture = new CaptureTrack(made, systemClock);
  }

  /** The camera; for other streams, words about them. */
  get source(): VideoDeviceInfo {
    return { ...this._source };
  }

  get mediaStreamType(): MediaStreamType {
    return this._mediaStreamType;
  }

  /** Take the picture from another camera, in previews and in running calls too. */
  async switchSource(source: VideoDeviceInfo): Promise<void> {
    if (this._mediaStreamType !== "Video") throw raise(FAILURES.badSource);
    const made = cameraSource(source);
    if (made.info.id === this._source.id) throw raise(FAILURES.sameSource);
    await this._switchTo(made);
  }

  /** Take the picture from a stream of the app's own, in previews and in running calls too. */
  async setMediaStream(stream: MediaStream): Promise<void> {
    if (!isStream(stream)) throw raise(FAILURES.badSource, "This is not a MediaStream.");
    await this._switchTo(rawSource(stream));
  }

  /** The picture as a stream. Opens the device. */
  async getMediaStream(): Promise<MediaStream> {
    return new MediaStream([await this._capture.hold(this._app)]);
  }

  /** An extra of the stream, the same object each time. Throws 405/49002 when there is none. */
  feature<F extends VideoStreamFeature>(factory: VideoStreamFeatureFactory<F>): F {
    return featureNamed(factory?.localVideoStreamFeatureName, [this._effects]);
  }

  /** Close the device. */
  dispose(): void {
    this._capture.releaseAll();
  }

  /**
   * The shared screen as a stream.
   *
   * @internal
   */
  static ofScreen(track: MediaStreamTrack): LocalVideoStream {
    const stream = new LocalVideoStream(new MediaStream([track]));
    const made = screenSource(track);
    stream._mediaStreamType = "ScreenSharing";
    stream._source = made.info;
    stream._capture = new CaptureTrack(made, systemClock);
    return stream;
  }

  /**
   * A stream of the app's own is sent as a screen.
   *
   * @internal
   */
  beScreen(): void {
    this._mediaStreamType = "ScreenSharing";
  }

  /** @internal */
  get endsWithCall(): boolean {
    return this._autoDispose;
  }

  /** @internal */
  get defaultScalingMode(): ScalingMode {
    return this._mediaStreamType === "ScreenSharing" ? "Fit" : "Crop";
  }

  /**
   * Open the device for sending.
   *
   * @internal
   */
  hold(holder: Holder): Promise<MediaStreamTrack> {
    return this._capture.hold(holder);
  }

  /**
   * Sending is over: the device closes unless a preview needs it.
   *
   * @internal
   */
  release(holder: Holder): void {
    this._capture.release(this._app, { lingerMs: 0 });
    this._capture.release(holder, { lingerMs: 0 });
  }

  private async _switchTo(made: Made): Promise<void> {
    await this._capture.switchTo(made);
    this._source = made.info;
    if (made.isRaw && this._mediaStreamType === "Video") this._mediaStreamType = "RawMedia";
    this.emit("videoSourceChanged", { source: this });
  }

  /** @internal */
  showIn(video: HTMLVideoElement): Showing {
    const show = (track: MediaStreamTrack): void => {
      video.srcObject = new MediaStream([track]);
      video.play().catch(() => undefined);
    };
    const holder: Holder = { onTrack: show, onEnded: () => undefined };
    return {
      ready: this._capture.hold(holder).then(show),
      release: () => this._capture.release(holder, { lingerMs: PREVIEW_LINGER_MS }),
    };
  }
}

/** Whether something is a stream of ours; wrapped in a proxy or not. */
export function isLocalVideoStream(stream: unknown): stream is LocalVideoStream {
  return stream instanceof LocalVideoStream;
}

interface Made extends CaptureSource {
  readonly info: VideoDeviceInfo;
  readonly isRaw: boolean;
}

function cameraSource(device: VideoDeviceInfo): Made {
  const id: unknown = device?.id;
  const deviceId = typeof id === "string" ? deviceIdIn("camera", id) : undefined;
  if (deviceId === undefined) throw raise(FAILURES.badSource);
  return {
    info: { ...device },
    isRaw: false,
    open: () => openCamera(deviceId),
    close: (track) => track.stop(),
  };
}

/** A stream of the app's own: it belongs to the app, so closing it is not ours to do. */
function rawSource(stream: MediaStream): Made {
  return {
    info: { id: `raw:${newGuid()}`, name: "", deviceType: "Unknown" },
    isRaw: true,
    open: async () => {
      const [track] = stream.getVideoTracks();
      if (track === undefined) throw raise(FAILURES.cameraStopped);
      return track;
    },
    close: () => undefined,
  };
}

/** A screen that the person chose: it cannot be opened again without asking. */
function screenSource(track: MediaStreamTrack): Made {
  return {
    info: { id: `screen:${track.id}`, name: track.label, deviceType: "ScreenSharing" },
    isRaw: false,
    open: async () => {
      if (track.readyState === "ended") throw raise(FAILURES.captureFailed);
      return track;
    },
    close: () => track.stop(),
  };
}

function isStream(source: VideoDeviceInfo | MediaStream): source is MediaStream {
  return typeof MediaStream !== "undefined" && source instanceof MediaStream;
}
