/** What the own role allows in a call. */
import type {
  CapabilitiesChangedReason,
  CapabilitiesFeature,
  CapabilitiesFeatureEvents,
  ParticipantCapabilities,
} from "../api/features.js";
import { Emitter } from "../kernel/emitter.js";
import { CAPABILITY_NAMES, NOTHING_YET } from "./capability-names.js";

/** The capabilities feature of one call. */
export class CapabilitiesObject
  extends Emitter<CapabilitiesFeatureEvents>
  implements CapabilitiesFeature
{
  readonly name = "Capabilities";
  private _current: ParticipantCapabilities = { ...NOTHING_YET };

  get capabilities(): ParticipantCapabilities {
    return copyOf(this._current);
  }

  /** The server told new values. */
  announce(next: ParticipantCapabilities, reason: CapabilitiesChangedReason): void {
    const before = this._current;
    const changed = CAPABILITY_NAMES.filter(
      (name) =>
        before[name].isPresent !== next[name].isPresent ||
        before[name].reason !== next[name].reason,
    );
    this._current = copyOf(next);
    if (changed.length === 0) return;
    const only = (all: ParticipantCapabilities): Partial<ParticipantCapabilities> =>
      Object.fromEntries(changed.map((name) => [name, { ...all[name] }]));
    this.emit("capabilitiesChanged", { oldValue: only(before), newValue: only(next), reason });
  }
}

/** A copy that an app may freeze. */
function copyOf(all: ParticipantCapabilities): ParticipantCapabilities {
  const copy = { ...all };
  for (const name of CAPABILITY_NAMES) copy[name] = { ...all[name] };
  return copy;
}
