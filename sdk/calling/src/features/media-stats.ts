/** What a call sends and receives, in numbers. */
import type {
  MediaStatsCallFeature,
  MediaStatsCollector,
  MediaStatsCollectorEvents,
  MediaStatsCollectorOptions,
  MediaStatsReportSample,
} from "../api/media-stats.js";
import type { Cancel } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { Gauge, Measurement } from "../media/meter.js";
import { Sampler, type StreamIds } from "./media-numbers.js";
import { summarize } from "./media-summary.js";

const INTERVAL = { usual: 10, most: 60 } as const;
const POINTS = { usual: 6, most: 60 } as const;

/** Where collectors get their measurements from. */
export interface Meters {
  add(gauge: Gauge): Cancel;
}

/** What media stats need from outside. */
export interface MediaStatsNeeds {
  readonly meter: Meters;
  readonly streamIds: StreamIds;
}

/** The media stats of one call. */
export class MediaStatsObject implements MediaStatsCallFeature {
  readonly name = "MediaStats";

  constructor(private readonly _needs: MediaStatsNeeds) {}

  createCollector(options?: MediaStatsCollectorOptions): MediaStatsCollector {
    const interval = whole(options?.aggregationInterval, INTERVAL);
    const points = whole(options?.dataPointsPerAggregation, POINTS);
    return new Collector(this._needs, { interval, points });
  }
}

interface Lengths {
  /** Samples that are taken together: there is one each second. */
  readonly interval: number;
  readonly points: number;
}

class Collector extends Emitter<MediaStatsCollectorEvents> implements MediaStatsCollector, Gauge {
  readonly scope = "everything";
  private readonly _sampler: Sampler;
  private readonly _stop: Cancel;
  private _samples: MediaStatsReportSample[] = [];

  constructor(
    needs: MediaStatsNeeds,
    private readonly _lengths: Lengths,
  ) {
    super();
    this._sampler = new Sampler(needs.streamIds);
    this._stop = needs.meter.add(this);
  }

  measured({ tracks }: Measurement): void {
    const sample = this._sampler.sample(tracks);
    this._samples.push(sample);
    // A copy: an app may freeze what it is given, or change it.
    this.emit("sampleReported", structuredClone(sample));
    const { interval, points } = this._lengths;
    if (this._samples.length < interval * points) return;
    const samples = this._samples;
    this._samples = [];
    this.emit("summaryReported", summarize(samples, { size: interval, timestamp: new Date() }));
  }

  dispose(): void {
    this._stop();
    this._samples = [];
  }
}

function whole(value: unknown, { usual, most }: { usual: number; most: number }): number {
  if (value === undefined) return usual;
  const isGood =
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most;
  if (!isGood) throw raise(FAILURES.badInterval);
  return value;
}
