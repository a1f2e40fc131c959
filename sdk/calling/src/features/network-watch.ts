/** Raises the diagnostics of a call's network from what can be seen of it. */
import { DiagnosticQuality, type NetworkDiagnosticValues } from "../api/diagnostics.js";
import type { Cancel, Clock } from "../kernel/clock.js";
import type { MediaRoom, Vitals } from "../media/port.js";
import type { Raises } from "./diagnostics.js";

const BEAT_MS = 1_000;

/** What watching the network needs from outside. */
export interface NetworkWatchNeeds {
  readonly clock: Clock;
  /** Whether the device believes to have a network. */
  readonly isOnline: () => boolean;
  readonly network: Raises<NetworkDiagnosticValues>;
}

/** Watches the network of one call, from its beginning to its end. */
export class NetworkWatch {
  private _room: MediaRoom | undefined;
  private _wasUp = false;
  private _isOver = false;
  private _stop: Cancel = () => undefined;

  constructor(private readonly _needs: NetworkWatchNeeds) {
    this._beat();
  }

  /** Media is up, in this room. Undefined: it is down for the moment. */
  bind(room: MediaRoom | undefined): void {
    if (this._isOver) return;
    this._room = room;
    this._wasUp ||= room !== undefined;
    if (room !== undefined) this._needs.network.raise("networkRelaysNotReachable", false);
    this._look();
  }

  /** Signalling came about, and media did not. */
  unreachable(): void {
    if (!this._isOver) this._needs.network.raise("networkRelaysNotReachable", true);
  }

  /** The call is over: what was raised last stays. */
  close(): void {
    this._isOver = true;
    this._stop();
  }

  private _beat(): void {
    this._look();
    this._stop = this._needs.clock.after(BEAT_MS, () => this._beat());
  }

  private _look(): void {
    const { network, isOnline } = this._needs;
    const vitals = this._room?.vitals();
    network.raise("noNetwork", vitals?.media !== true && !isOnline());
    if (this._wasUp) network.raise("networkReconnect", reconnectionOf(vitals));
    if (vitals === undefined) return;
    if (vitals.quality !== undefined) network.raise("networkSendQuality", vitals.quality);
    const receiving = receivingOf(vitals);
    if (receiving !== undefined) network.raise("networkReceiveQuality", receiving);
  }
}

/** Signalling alone may be away: what is seen and heard goes on without it. */
function reconnectionOf(vitals: Vitals | undefined): DiagnosticQuality {
  if (vitals === undefined) return DiagnosticQuality.Bad;
  if (vitals.media) return DiagnosticQuality.Good;
  return vitals.signalling ? DiagnosticQuality.Poor : DiagnosticQuality.Bad;
}

/** As well as the best of the others comes through: one who has a poor network shows nothing of ours. */
function receivingOf({ quality, others }: Vitals): DiagnosticQuality | undefined {
  if (quality === DiagnosticQuality.Bad) return quality;
  // Who is lost has gone, or is about to: that is no news of our own network.
  const there = others.filter((one) => one !== DiagnosticQuality.Bad);
  return there.includes(DiagnosticQuality.Good) ? DiagnosticQuality.Good : (there[0] ?? quality);
}
