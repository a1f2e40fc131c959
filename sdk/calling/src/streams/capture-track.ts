/** A device that is open while somebody needs it. */
import type { Cancel, Clock } from "../kernel/clock.js";

/** Where a track comes from. */
export interface CaptureSource {
  open(): Promise<MediaStreamTrack>;
  /** Called when nobody needs the track any more. */
  close(track: MediaStreamTrack): void;
}

/** What happens to the track while it is open. */
export interface CaptureListener {
  /** Another track took its place. */
  onTrack(track: MediaStreamTrack): void;
  /** The app closed it, or it went away by itself: unplugged, or its permission was taken back. */
  onEnded(how: { readonly byApp: boolean }): void;
}

/** One user of the track. */
export type Holder = Readonly<CaptureListener>;

/** When to close after the last holder has let go. */
export interface LetGo {
  readonly lingerMs: number;
}

/** Opens its source for the first holder and closes it after the last. */
export class CaptureTrack {
  private _holders: Holder[] = [];
  private _opening: Promise<MediaStreamTrack> | undefined;
  private _track: MediaStreamTrack | undefined;
  private _closeLater: Cancel = () => undefined;
  private readonly _onEnded: () => void;

  constructor(
    private _source: CaptureSource,
    private readonly _clock: Clock,
    /** There is another track now, or none. */
    private readonly _onChange: () => void = () => undefined,
  ) {
    this._onEnded = () => this._ended();
  }

  /** The open track, if it is open now. */
  get track(): MediaStreamTrack | undefined {
    return this._track;
  }

  /** Need the track from now on. Opens the device when it is not open. */
  async hold(holder: Holder): Promise<MediaStreamTrack> {
    this._closeLater();
    if (!this._holders.includes(holder)) this._holders.push(holder);
    try {
      return await this._open();
    } catch (error) {
      this.release(holder, { lingerMs: 0 });
      throw error;
    }
  }

  /** Need it no more. Repeating it is harmless. */
  release(holder: Holder, { lingerMs }: LetGo): void {
    this._holders = this._holders.filter((one) => one !== holder);
    if (this._holders.length > 0) return;
    this._closeLater();
    if (lingerMs === 0) this._close();
    else this._closeLater = this._clock.after(lingerMs, () => this._close());
  }

  /** Close, whoever holds it; the holders are told. */
  releaseAll(): void {
    const holders = this._holders;
    this._holders = [];
    this._closeLater();
    this._close();
    for (const holder of holders) holder.onEnded({ byApp: true });
  }

  /** Take the track from another source from now on. */
  async switchTo(source: CaptureSource): Promise<void> {
    const old = this._source;
    const before = this._track;
    if (before === undefined) {
      this._source = source;
      return;
    }
    const track = await this._reopen(source, before);
    this._source = source;
    this._adopt(track);
    if (before.readyState === "live") old.close(before);
    for (const holder of [...this._holders]) holder.onTrack(track);
    // Everybody may have let go while the other device was opening.
    if (this._holders.length === 0) this._close();
  }

  /** Open the other source. Some machines open one camera at a time: then the old one goes first. */
  private async _reopen(
    source: CaptureSource,
    before: MediaStreamTrack,
  ): Promise<MediaStreamTrack> {
    try {
      return await source.open();
    } catch {
      before.removeEventListener("ended", this._onEnded);
      this._source.close(before);
    }
    try {
      return await source.open();
    } catch (error) {
      const again = await this._source.open().catch(() => undefined);
      if (again === undefined) this._ended();
      else {
        this._adopt(again);
        for (const holder of [...this._holders]) holder.onTrack(again);
      }
      throw error;
    }
  }

  private _open(): Promise<MediaStreamTrack> {
    if (this._track?.readyState === "live") return Promise.resolve(this._track);
    this._opening ??= this._source
      .open()
      .then((track) => this._opened(track))
      .finally(() => {
        this._opening = undefined;
      });
    return this._opening;
  }

  private _opened(track: MediaStreamTrack): MediaStreamTrack {
    this._adopt(track);
    // Everybody may have let go while the device was opening.
    if (this._holders.length === 0) this._close();
    return track;
  }

  private _adopt(track: MediaStreamTrack): void {
    this._track?.removeEventListener("ended", this._onEnded);
    this._track = track;
    track.addEventListener("ended", this._onEnded);
    this._onChange();
  }

  private _close(): void {
    const track = this._track;
    this._track = undefined;
    track?.removeEventListener("ended", this._onEnded);
    if (track === undefined) return;
    this._source.close(track);
    this._onChange();
  }

  private _ended(): void {
    this._close();
    for (const holder of [...this._holders]) holder.onEnded({ byApp: false });
  }
}
