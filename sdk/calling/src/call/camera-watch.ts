/** Notices that the own camera gives no more frames. */
import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import type { Raises } from "../features/diagnostics.js";
import type { Clock } from "../kernel/clock.js";
import { numberOf } from "../kernel/values.js";
import type { Gauge, Measurement } from "../media/meter.js";

const FROZEN_MS = 5_000;

/** What watching needs from outside. */
export interface CameraWatchNeeds {
  readonly clock: Pick<Clock, "now">;
  readonly media: Raises<MediaDiagnosticValues>;
  /** Whether a device is being sent: an app's own stream may rest as long as it likes. */
  readonly isSending: () => boolean;
}

/** Watches the camera of one call. */
export class CameraWatch implements Gauge {
  readonly scope = "pictures";
  private _frames: number | undefined;
  private _since = 0;

  constructor(private readonly _needs: CameraWatchNeeds) {}

  measured({ tracks }: Measurement): void {
    const camera = tracks.find(
      ({ direction, source }) => direction === "send" && source === "camera",
    );
    const input = camera?.numbers.find((one) => one["type"] === "media-source");
    const frames = input && numberOf(input, "frames");
    const now = this._needs.clock.now();
    // Browsers that count no frames, and pictures that are not sent, tell nothing.
    const isUnknown = frames === undefined || !this._needs.isSending();
    if (isUnknown || frames !== this._frames) {
      this._since = now;
      this._needs.media.raise("cameraFreeze", false);
    }
    this._frames = frames;
    if (now - this._since > FROZEN_MS) this._needs.media.raise("cameraFreeze", true);
  }
}
