/** Media tracks and devices for Node, as far as the SDK uses them. */

/** A track of a device. */
export class FakeTrack extends EventTarget {
  readonly id: string;
  readyState: "live" | "ended" = "live";
  enabled = true;
  /** Whether the system gives nothing of the device. */
  muted = false;

  constructor(
    readonly kind: "audio" | "video",
    readonly label: string,
  ) {
    super();
    this.id = `track of ${label}`;
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind, this.label);
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** The system silences the device, or gives it back. */
  silence({ muted }: { readonly muted: boolean }): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  /** The device goes away. */
  unplug(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

/** A bundle of tracks. */
export class FakeStream {
  constructor(private _tracks: FakeTrack[] = []) {}

  addTrack(track: FakeTrack): void {
    if (!this._tracks.includes(track)) this._tracks = [...this._tracks, track];
  }

  removeTrack(track: FakeTrack): void {
    this._tracks = this._tracks.filter((one) => one !== track);
  }

  getTracks(): FakeTrack[] {
    return [...this._tracks];
  }

  getVideoTracks(): FakeTrack[] {
    return this._tracks.filter(({ kind }) => kind === "video");
  }

  getAudioTracks(): FakeTrack[] {
    return this._tracks.filter(({ kind }) => kind === "audio");
  }
}

/** A track where the SDK's types ask for the browser's. */
export function track(label: string, kind: "audio" | "video" = "video"): MediaStreamTrack {
  // The fake has what the SDK uses of a track.
  return new FakeTrack(kind, label) as unknown as MediaStreamTrack;
}
