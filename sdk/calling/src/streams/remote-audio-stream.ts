/** What the others say, all together. */
import type { RemoteAudioStream, Volume } from "../api/sound.js";
import { VolumeObject } from "./volume.js";

/** The sound of one call. */
export class RemoteAudioStreamObject implements RemoteAudioStream {
  readonly mediaStreamType = "Audio";
  private _tracks: readonly MediaStreamTrack[] = [];
  private _stream: MediaStream | undefined;
  private _volume: VolumeObject | undefined;

  async getMediaStream(): Promise<MediaStream> {
    this._stream ??= new MediaStream([...this._tracks]);
    return this._stream;
  }

  async getVolume(): Promise<Volume> {
    if (this._volume === undefined) {
      this._volume = new VolumeObject();
      this._volume.watch(this._tracks);
    }
    return this._volume;
  }

  /** These are heard now. */
  hear(tracks: readonly MediaStreamTrack[]): void {
    const before = this._tracks;
    const added = tracks.filter((one) => !before.includes(one));
    const removed = before.filter((one) => !tracks.includes(one));
    if (added.length + removed.length === 0) return;
    this._tracks = tracks;
    for (const track of removed) this._stream?.removeTrack(track);
    for (const track of added) this._stream?.addTrack(track);
    this._volume?.watch(tracks);
  }
}
