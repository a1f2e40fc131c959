/** A place where one video is shown at a time; the newest wish wins, however slow the views are. */
import {
  type CreateViewOptions,
  type LocalVideoStream,
  type RemoteVideoStream,
  VideoStreamRenderer,
} from "@openrooms/calling";

/** Anything that can be looked at. */
export type Picture = LocalVideoStream | RemoteVideoStream;

/** Told when a picture appears or goes, and when one could not be shown. */
export interface SlotListener {
  shown(on: boolean): void;
  failed?(error: unknown): void;
}

/** Shows the wished picture inside its host element. */
export class VideoSlot {
  private _picture: Picture | undefined;
  private _renderer: VideoStreamRenderer | undefined;
  private _shown = false;

  constructor(
    private readonly _host: HTMLElement,
    private readonly _options: CreateViewOptions,
    private readonly _listener: SlotListener,
  ) {}

  /** Show this picture, or none. */
  show(picture: Picture | undefined): void {
    if (picture === this._picture) return;
    this._clear();
    if (picture !== undefined) void this._draw(picture);
  }

  /** Take the picture away. */
  dispose(): void {
    this._clear();
  }

  private async _draw(picture: Picture): Promise<void> {
    const renderer = new VideoStreamRenderer(picture);
    this._picture = picture;
    this._renderer = renderer;
    try {
      const view = await renderer.createView(this._options);
      // Overtaken by another wish, which disposed this renderer and its view.
      if (this._renderer !== renderer) return;
      this._host.replaceChildren(view.target);
      onFirstFrame(view.target, () => {
        if (this._renderer === renderer) this._tell(true);
      });
    } catch (error) {
      if (this._renderer !== renderer) return;
      // Forgotten, so that the next wish for the same picture is another attempt.
      this._clear();
      this._listener.failed?.(error);
    }
  }

  private _clear(): void {
    const renderer = this._renderer;
    this._renderer = undefined;
    this._picture = undefined;
    this._host.replaceChildren();
    if (renderer !== undefined) release(renderer);
    this._tell(false);
  }

  private _tell(shown: boolean): void {
    if (shown === this._shown) return;
    this._shown = shown;
    this._listener.shown(shown);
  }
}

/** A view is there before its first picture is. */
function onFirstFrame(target: HTMLElement, act: () => void): void {
  const video = target.querySelector("video");
  if (video === null || video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) act();
  else video.addEventListener("loadeddata", act, { once: true });
}

function release(renderer: VideoStreamRenderer): void {
  try {
    renderer.dispose();
  } catch {
    // Disposed already, with its stream: nothing is left to release.
  }
}
