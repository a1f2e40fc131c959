/** Who of the others speaks most. */
import type {
  DominantSpeakersCallFeature,
  DominantSpeakersCallFeatureEvents,
  DominantSpeakersInfo,
} from "../api/speakers.js";
import { Emitter } from "../kernel/emitter.js";
import { identifierOf } from "../kernel/identifiers.js";

/** Those who speak, and after them those who spoke before. */
const MOST = 10;

/** The dominant speakers of one call. */
export class DominantSpeakersObject
  extends Emitter<DominantSpeakersCallFeatureEvents>
  implements DominantSpeakersCallFeature
{
  readonly name = "DominantSpeakers";
  private _rawIds: readonly string[] = [];
  private _since = new Date();

  get dominantSpeakers(): DominantSpeakersInfo {
    return { speakersList: this._rawIds.map(identifierOf), timestamp: new Date(this._since) };
  }

  /** These speak now, the loudest first. Who fell silent stays listed behind them. */
  update(speaking: readonly string[]): void {
    const silent = this._rawIds.filter((rawId) => !speaking.includes(rawId));
    this._list([...new Set([...speaking, ...silent])].slice(0, MOST));
  }

  /** Only these are in the call. */
  keep(present: ReadonlySet<string>): void {
    this._list(this._rawIds.filter((rawId) => present.has(rawId)));
  }

  private _list(rawIds: readonly string[]): void {
    const same = rawIds.length === this._rawIds.length;
    if (same && rawIds.every((rawId, at) => rawId === this._rawIds[at])) return;
    this._rawIds = rawIds;
    this._since = new Date();
    this.emit("dominantSpeakersChanged");
  }
}
