/** How loud tracks are, measured while somebody may want to know. */
import type { Volume, VolumeEvents } from "../api/sound.js";
import { rmsOf, samplesOf } from "../devices/level.js";
import { type Cancel, type Clock, systemClock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";

const LOOK_MS = 200;
const SAMPLES = 2_048;
/** What is quieter than this is silence. */
const SILENCE_DB = -60;

/** The loudness of some tracks together. */
export class VolumeObject extends Emitter<VolumeEvents> implements Volume {
  private _level = 0;
  private _context: AudioContext | undefined;
  private _stop: Cancel = () => undefined;

  constructor(private readonly _clock: Clock = systemClock) {
    super();
  }

  get level(): number {
    return this._level;
  }

  /** Measure these tracks from now on, instead of others. None: be silent and hold nothing. */
  watch(tracks: readonly MediaStreamTrack[]): void {
    this._stop();
    void this._context?.close().catch(() => undefined);
    this._context = undefined;
    this._set(0);
    if (tracks.length === 0 || typeof AudioContext === "undefined") return;
    this._context = new AudioContext();
    this._look(samplesOf(this._context, tracks, SAMPLES));
  }

  private _look(samples: () => Float32Array): void {
    this._stop = this._clock.after(LOOK_MS, () => {
      this._set(levelOf(samples()));
      this._look(samples);
    });
  }

  private _set(level: number): void {
    if (level === this._level) return;
    this._level = level;
    this.emit("levelChanged");
  }
}

/** The loudness of samples between -1 and 1, as ears count it: 0 to 100. */
export function levelOf(samples: Float32Array): number {
  const loudness = rmsOf(samples);
  if (loudness === 0) return 0;
  const decibel = 20 * Math.log10(loudness);
  return Math.round(Math.min(1, Math.max(0, 1 - decibel / SILENCE_DB)) * 100);
}
