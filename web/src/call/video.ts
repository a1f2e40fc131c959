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
  private _wished: Picture | undefined;
  private _current: Picture | undefined;
  private _renderer: VideoStreamRenderer | undefined;
  private _settling = false;

  constructor(
    private readonly _host: HTMLElement,
    private readonly _options: CreateViewOptions,
    private readonly _listener: SlotListener,
  ) {}

  /** Show this picture, or none. */
  show(picture: Picture | undefined): void {
    this._wished = picture;
    void this._settle();
  }

  /** Take the picture away for good. */
  dispose(): void {
    this.show(undefined);
  }

  private async _settle(): Promise<void> {
    if (this._settling) return;
    this._settling = true;
    while (this._current !== this._wished) {
      this._drop();
      const picture = this._wished;
      if (picture !== undefined) await this._draw(picture);
    }
    this._settling = false;
  }

  private async _draw(picture: Picture): Promise<void> {
    const renderer = new VideoStreamRenderer(picture);
    try {
      const view = await renderer.createView(this._options);
      this._current = picture;
      this._renderer = renderer;
      this._host.replaceChildren(view.target);
      this._listener.shown(this._wished === picture);
    } catch (error) {
      release(renderer);
      // Wished for again when its stream becomes available or starts to flow.
      if (this._wished === picture) {
        this._wished = undefined;
        this._listener.failed?.(error);
      }
    }
  }

  private _drop(): void {
    if (this._current === undefined) return;
    this._current = undefined;
    this._host.replaceChildren();
    this._listener.shown(false);
    if (this._renderer !== undefined) release(this._renderer);
    this._renderer = undefined;
  }
}

function release(renderer: VideoStreamRenderer): void {
  try {
    renderer.dispose();
  } catch {
    // Disposed already, with its stream: nothing is left to release.
  }
}
