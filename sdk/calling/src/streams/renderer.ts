/** Puts streams on the page. */
import type {
  CreateViewOptions,
  RemoteVideoStream,
  StreamSize,
  VideoStreamRendererView,
} from "../api/streams.js";
import { nap, systemClock } from "../kernel/clock.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { LocalVideoStream } from "./local-video-stream.js";
import { RendererView } from "./view.js";
import { isViewSource, type ViewSource } from "./view-source.js";

const PICTURE_MS = 20_000;

/** Makes views of one stream: as many as wanted, one after another or at the same time. */
export class VideoStreamRenderer {
  private readonly _source: ViewSource;
  private readonly _views = new Set<RendererView>();
  private _disposed = false;

  /** For a stream of this SDK. The stream need not be available yet. */
  constructor(stream: LocalVideoStream | RemoteVideoStream) {
    if (!isViewSource(stream)) throw raise(FAILURES.badVideoStream);
    this._source = stream;
  }

  /**
   * Make a view of the stream and resolve with it when it can be shown. Rejects with 412/43200
   * while the stream is not available.
   */
  async createView(options?: CreateViewOptions): Promise<VideoStreamRendererView> {
    if (this._disposed) throw raise(FAILURES.rendererDisposed);
    const view = new RendererView({
      scalingMode: options?.scalingMode ?? this._source.defaultScalingMode,
      isMirrored: options?.isMirrored ?? false,
    });
    const showing = this._source.showIn(view.video);
    view.onDispose(() => {
      showing.release();
      this._views.delete(view);
    });
    this._views.add(view);
    await this._wait(showing.ready, view);
    if (view.isDisposed) throw raise(FAILURES.rendererDisposed);
    return view;
  }

  /** The size of the picture in the first view; 0x0 without one. */
  get size(): StreamSize {
    const [view] = this._views;
    return { width: view?.video.videoWidth ?? 0, height: view?.video.videoHeight ?? 0 };
  }

  /** Take all views off. The stream goes on. */
  dispose(): void {
    if (this._disposed) throw raise(FAILURES.rendererDisposedTwice);
    this._disposed = true;
    for (const view of [...this._views]) view.dispose();
  }

  private async _wait(ready: Promise<void>, view: RendererView): Promise<void> {
    const late = nap(systemClock, PICTURE_MS);
    try {
      const outcome = await Promise.race([ready.then(() => "ready"), late.over]);
      if (outcome === undefined) throw raise(FAILURES.noFrames);
    } catch (error) {
      view.dispose();
      throw error;
    } finally {
      late.wake();
    }
  }
}
