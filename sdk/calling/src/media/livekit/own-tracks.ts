/** Our tracks as livekit-client has them: it never opens or stops a device, and keeps within limits. */
import { LocalAudioTrack, LocalVideoTrack } from "livekit-client";
import type { PictureLimits } from "../limits.js";
import { type Encoding, encode, limited, pick } from "./encodings.js";

// The devices are ours: the client stops tracks at moments of its own, such as a late publication.

/** A voice. */
export class OwnAudioTrack extends LocalAudioTrack {
  override stop(): void {
    this.stopMonitor();
  }
}

/** A picture, sent within limits whatever the client makes of it. */
export class OwnVideoTrack extends LocalVideoTrack {
  /** Undefined where nobody has asked for any. */
  private _limits: PictureLimits | undefined;

  override stop(): void {
    this.stopMonitor();
  }

  /** Send no more than this of the picture, now and whatever is sent of it later. */
  async limit(limits: PictureLimits): Promise<void> {
    this._limits = limits;
    const { sender, mediaStreamTrack } = this;
    if (sender === undefined) return;
    const { height = 0 } = mediaStreamTrack.getSettings();
    await encode(sender, limited(this._chosen, limits, height));
  }

  /** Send another picture: the client chooses anew by its size. */
  async replace(next: MediaStreamTrack): Promise<void> {
    await this.replaceTrack(next, true);
    await this._limitAgain();
  }

  /** The client switches sizes on and off as they are watched; what is on again has no limits in Firefox. */
  override async setPublishingLayers(
    ...asked: Parameters<LocalVideoTrack["setPublishingLayers"]>
  ): Promise<void> {
    await super.setPublishingLayers(...asked);
    await this._limitAgain();
  }

  private async _limitAgain(): Promise<void> {
    if (this._limits !== undefined) await this.limit(this._limits);
  }

  /** What the client would send of each size. */
  private get _chosen(): readonly Encoding[] {
    return (this["encodings"] ?? []).map(pick);
  }
}
