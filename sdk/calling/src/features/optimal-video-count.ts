/** How many pictures of others a page should show at once. */
import { DiagnosticQuality } from "../api/diagnostics.js";
import type {
  OptimalVideoCountCallFeature,
  OptimalVideoCountFeatureEvents,
  OvcChangeReason,
} from "../api/speakers.js";
import type { Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { numberOf, textOf } from "../kernel/values.js";
import type { Gauge, Measurement } from "../media/meter.js";
import type { TrackStats, Vitals } from "../media/port.js";

/** The most that apps of this API expect. */
const MOST = { desktop: 9, phone: 4 } as const;
const LEAST = 2;
/** So long the count stays as it is after a change, in either direction. */
const COOLDOWN_MS = 10_000;
/** A few measurements of trouble: what is over sooner is no reason to change a page. */
const LASTING = 3;
/** A picture of which more than this part is thrown away is one too many for the machine. */
const DROPPED = 0.25;
/** Fewer frames than these in a second tell nothing. */
const ENOUGH = 5;

type Reason = Extract<OvcChangeReason, "bandwidth" | "performance">;

/** The optimal video count of one call. */
export class OptimalVideoCountObject
  extends Emitter<OptimalVideoCountFeatureEvents>
  implements OptimalVideoCountCallFeature, Gauge
{
  readonly name = "OptimalVideoCount";
  readonly scope = "pictures";
  private readonly _most: number = isPhone() ? MOST.phone : MOST.desktop;
  private readonly _frames = new Frames();
  private _count = this._most;
  private _reason: OvcChangeReason = "unknown";
  private _changedAt = Number.NEGATIVE_INFINITY;
  private _troubledAt = Number.NEGATIVE_INFINITY;
  /** For how many measurements there was trouble without a break. */
  private _lasted = 0;

  constructor(private readonly _clock: Pick<Clock, "now">) {
    super();
  }

  get optimalVideoCount(): number {
    return this._count;
  }

  get lastOvcChangeReason(): OvcChangeReason {
    return this._reason;
  }

  /** Half as many while there is trouble, twice as many after a while without. */
  measured({ tracks, vitals }: Measurement): void {
    const now = this._clock.now();
    const trouble = this._troubleIn(vitals, { isSlow: this._frames.areTooMany(tracks) });
    if (trouble === undefined) {
      this._lasted = 0;
      if (now - this._troubledAt >= COOLDOWN_MS) this._move(this._count * 2 + 1, this._reason);
      return;
    }
    this._troubledAt = now;
    this._lasted += 1;
    if (this._lasted >= LASTING) this._move(Math.floor(this._count / 2), trouble);
  }

  private _troubleIn({ quality }: Vitals, { isSlow }: { isSlow: boolean }): Reason | undefined {
    if (quality !== undefined && quality !== DiagnosticQuality.Good) return "bandwidth";
    return isSlow ? "performance" : undefined;
  }

  private _move(wanted: number, reason: OvcChangeReason): void {
    const count = Math.min(this._most, Math.max(LEAST, wanted));
    const now = this._clock.now();
    if (count === this._count || now - this._changedAt < COOLDOWN_MS) return;
    this._count = count;
    this._reason = reason;
    this._changedAt = now;
    this.emit("optimalVideoCountChanged");
  }
}

/** What becomes of frames: whether the machine can encode its own and show those of others. */
class Frames {
  private _before: ReadonlyMap<string, readonly [received: number, dropped: number]> = new Map();

  areTooMany(tracks: readonly TrackStats[]): boolean {
    const isHot = tracks.some(({ numbers }) =>
      numbers.some((one) => textOf(one, "qualityLimitationReason") === "cpu"),
    );
    const counts = new Map<string, readonly [number, number]>();
    for (const { id, direction, numbers } of tracks) {
      const rtp = numbers.find((one) => direction === "receive" && one["type"] === "inbound-rtp");
      const count = (name: string): number => (rtp && numberOf(rtp, name)) ?? 0;
      counts.set(id, [count("framesReceived"), count("framesDropped")]);
    }
    const isLate = [...counts].some(([id, [received, dropped]]) => {
      const [wasReceived, wasDropped] = this._before.get(id) ?? [received, dropped];
      const came = received - wasReceived;
      return came >= ENOUGH && (dropped - wasDropped) / came > DROPPED;
    });
    this._before = counts;
    return isHot || isLate;
  }
}

function isPhone(): boolean {
  return typeof navigator !== "undefined" && /Android|iPhone|iPad|Mobile/.test(navigator.userAgent);
}
