/** How loud tracks are, measured while somebody may want to know. */
import type { Volume, VolumeEvents } from "../api/sound.js";
import { type Cancel, type Clock, systemClock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";

const LOOK_MS = 200;
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
    const analyser = this._context.createAnalyser();
    for (const track of tracks) {
      this._context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    }
    this._look(analyser, new Float32Array(analyser.fftSize));
  }

  private _look(analyser: AnalyserNode, samples: Float32Array<ArrayBuffer>): void {
    this._stop = this._clock.after(LOOK_MS, () => {
      analyser.getFloatTimeDomainData(samples);
      this._set(levelOf(samples));
      this._look(analyser, samples);
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
  const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
  if (power === 0) return 0;
  const decibel = 10 * Math.log10(power);
  return Math.round(Math.min(1, Math.max(0, 1 - decibel / SILENCE_DB)) * 100);
}
