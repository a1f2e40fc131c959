/** Notices that a microphone which is open gives no sound at all. */
import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import type { Raises } from "../features/diagnostics.js";
import type { Clock } from "../kernel/clock.js";
import { numberOf } from "../kernel/values.js";
import type { Gauge, Measurement } from "../media/meter.js";

/** Even a quiet room has some sound: a switch on the device, or a system that turned it down, has none. */
const SILENT_MS = 30_000;

/** What watching needs from outside. */
export interface VoiceWatchNeeds {
  readonly clock: Pick<Clock, "now">;
  readonly media: Raises<MediaDiagnosticValues>;
  /** Whether a device is being heard: an app's own stream may be silent as long as it likes. */
  readonly isSending: () => boolean;
}

/** Watches the voice of one call. */
export class VoiceWatch implements Gauge {
  readonly scope = "pictures";
  private _energy: number | undefined;
  private _since = 0;

  constructor(private readonly _needs: VoiceWatchNeeds) {}

  measured({ tracks }: Measurement): void {
    const voice = tracks.find(
      ({ direction, source }) => direction === "send" && source === "microphone",
    );
    const input = voice?.numbers.find((one) => one["type"] === "media-source");
    const energy = input && numberOf(input, "totalAudioEnergy");
    const now = this._needs.clock.now();
    // Browsers that do not measure it, and who is muted, tell nothing.
    const isUnknown = energy === undefined || !this._needs.isSending();
    if (isUnknown || energy !== this._energy) {
      this._since = now;
      this._needs.media.raise("microphoneNotMuteButSilent", false);
    }
    this._energy = energy;
    if (now - this._since > SILENT_MS) this._needs.media.raise("microphoneNotMuteButSilent", true);
  }
}
