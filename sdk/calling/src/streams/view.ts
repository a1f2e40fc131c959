/** One place on the page that shows a stream. */
import type { ScalingMode, VideoStreamRendererView } from "../api/streams.js";

const FITS: Record<ScalingMode, string> = { Stretch: "fill", Crop: "cover", Fit: "contain" };

/** How a view shows its stream. */
export interface ViewLook {
  readonly scalingMode: ScalingMode;
  readonly isMirrored: boolean;
}

/** An element with a silent video in it; the page may move it around. */
export class RendererView implements VideoStreamRendererView {
  readonly target: HTMLElement;
  readonly isMirrored: boolean;
  /** Where the stream is shown. */
  readonly video: HTMLVideoElement;
  private _scalingMode: ScalingMode;
  private _disposed = false;
  private _undo: () => void = () => undefined;

  constructor(look: ViewLook) {
    this._scalingMode = look.scalingMode;
    this.isMirrored = look.isMirrored;
    this.video = makeVideo(look);
    this.target = document.createElement("div");
    Object.assign(this.target.style, { width: "100%", height: "100%" });
    this.target.append(this.video);
  }

  get scalingMode(): ScalingMode {
    return this._scalingMode;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  async updateScalingMode(scalingMode: ScalingMode): Promise<void> {
    this._scalingMode = scalingMode;
    this.video.style.objectFit = FITS[scalingMode] ?? "";
  }

  dispose(): void {
    if (this._disposed) return;
    this._disposed = true;
    this._undo();
    this.video.srcObject = null;
    this.target.remove();
  }

  /** What to do when the view is taken off. */
  onDispose(undo: () => void): void {
    this._undo = undo;
  }
}

function makeVideo({ scalingMode, isMirrored }: ViewLook): HTMLVideoElement {
  const video = document.createElement("video");
  Object.assign(video, { autoplay: true, muted: true, playsInline: true });
  Object.assign(video.style, {
    width: "100%",
    height: "100%",
    objectFit: FITS[scalingMode] ?? "",
    transform: isMirrored ? "scaleX(-1)" : "",
  });
  // A page that moves the view makes the browser pause it.
  video.addEventListener("pause", () => {
    if (video.srcObject !== null) video.play().catch(() => undefined);
  });
  return video;
}
