/** Measures what a call sends and receives, once a second, while its media is up. */
import type { Cancel, Clock } from "../kernel/clock.js";
import type { Log } from "../kernel/log.js";
import type { MediaRoom, StatsScope, TrackStats, Vitals } from "./port.js";

const BEAT_MS = 1_000;

/** Everything that was measured in one moment. */
export interface Measurement {
  readonly tracks: readonly TrackStats[];
  readonly vitals: Vitals;
}

/** What wants to know of measurements. */
export interface Gauge {
  /** What it needs to know. */
  readonly scope: StatsScope;
  measured(measurement: Measurement): void;
}

/** What measuring needs from outside. */
export interface MeterNeeds {
  readonly clock: Clock;
  readonly log: Log;
}

/** The meter of one call. */
export class Meter {
  private readonly _gauges = new Set<Gauge>();
  private _room: MediaRoom | undefined;
  private _isOver = false;
  private _stop: Cancel = () => undefined;

  constructor(private readonly _needs: MeterNeeds) {}

  /** Tell `gauge` of each measurement from now on, until taken back. */
  add(gauge: Gauge): Cancel {
    this._gauges.add(gauge);
    return () => void this._gauges.delete(gauge);
  }

  /** There is a new room to measure. Undefined: there is none for the moment. */
  bind(room: MediaRoom | undefined): void {
    if (this._isOver) return;
    this._stop();
    this._room = room;
    if (room !== undefined) this._wait(room);
  }

  /** The call is over. */
  close(): void {
    this._isOver = true;
    this._stop();
    this._room = undefined;
    this._gauges.clear();
  }

  private _wait(room: MediaRoom): void {
    this._stop = this._needs.clock.after(BEAT_MS, () => {
      this._wait(room);
      void this._measure(room);
    });
  }

  private async _measure(room: MediaRoom): Promise<void> {
    const scopes = [...this._gauges].map(({ scope }) => scope);
    try {
      const tracks = await room.stats(scopes.includes("everything") ? "everything" : "pictures");
      if (this._room !== room) return;
      const measurement = { tracks, vitals: room.vitals() };
      for (const gauge of [...this._gauges]) gauge.measured(measurement);
    } catch (error) {
      this._needs.log.warning("the media could not be measured", error);
    }
  }
}
