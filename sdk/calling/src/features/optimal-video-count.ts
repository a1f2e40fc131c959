/** How many pictures of others a page should show at once. */
import type {
  OptimalVideoCountCallFeature,
  OptimalVideoCountFeatureEvents,
  OvcChangeReason,
} from "../api/speakers.js";
import { Emitter } from "../kernel/emitter.js";

/** The most that apps of this API expect. */
const MOST = { desktop: 9, phone: 4 } as const;

/** The optimal video count of one call. */
export class OptimalVideoCountObject
  extends Emitter<OptimalVideoCountFeatureEvents>
  implements OptimalVideoCountCallFeature
{
  readonly name = "OptimalVideoCount";
  private _count: number = isPhone() ? MOST.phone : MOST.desktop;
  private _reason: OvcChangeReason = "unknown";

  get optimalVideoCount(): number {
    return this._count;
  }

  get lastOvcChangeReason(): OvcChangeReason {
    return this._reason;
  }
}

function isPhone(): boolean {
  return typeof navigator !== "undefined" && /Android|iPhone|iPad|Mobile/.test(navigator.userAgent);
}
