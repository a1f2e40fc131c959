/** Notices that what a device gives stands still: a camera without frames, an open microphone without sound. */
import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import type { Raises } from "../features/diagnostics.js";
import type { Clock } from "../kernel/clock.js";
import { numberOf } from "../kernel/values.js";
import type { Gauge, Measurement } from "../media/meter.js";
import type { Source } from "../media/port.js";

/** What stands still, and what is told of it. */
export interface Stall {
  readonly source: Source;
  /** What the browser counts of the device, by the name that the W3C gives it. */
  readonly counter: "frames" | "totalAudioEnergy";
  /** For longer than this. */
  readonly afterMs: number;
  readonly diagnostic: "cameraFreeze" | "microphoneNotMuteButSilent";
}

export const FROZEN_CAMERA: Stall = {
  source: "camera",
  counter: "frames",
  afterMs: 5_000,
  diagnostic: "cameraFreeze",
};

/** Even a quiet room has some sound: a switch on the device, or a system that turned it down, has none. */
export const SILENT_MICROPHONE: Stall = {
  source: "microphone",
  counter: "totalAudioEnergy",
  afterMs: 30_000,
  diagnostic: "microphoneNotMuteButSilent",
};

/** What watching needs from outside. */
export interface StallWatchNeeds {
  readonly clock: Pick<Clock, "now">;
  readonly media: Raises<MediaDiagnosticValues>;
  /** Whether a device is being sent: an app's own stream may rest as long as it likes. */
  readonly isSending: () => boolean;
}

/** Watches one device of one call. */
export class StallWatch implements Gauge {
  readonly scope = "pictures";
  private _count: number | undefined;
  private _since = 0;

  constructor(
    private readonly _stall: Stall,
    private readonly _needs: StallWatchNeeds,
  ) {}

  measured({ tracks }: Measurement): void {
    const { source, counter, afterMs, diagnostic } = this._stall;
    const sent = tracks.find((one) => one.direction === "send" && one.source === source);
    const input = sent?.numbers.find((one) => one["type"] === "media-source");
    const count = input && numberOf(input, counter);
    const now = this._needs.clock.now();
    // Browsers that do not count it, and what is not sent or muted, tell nothing.
    const isUnknown = count === undefined || !this._needs.isSending();
    if (isUnknown || count !== this._count) {
      this._since = now;
      this._needs.media.raise(diagnostic, false);
    }
    this._count = count;
    if (now - this._since > afterMs) this._needs.media.raise(diagnostic, true);
  }
}
