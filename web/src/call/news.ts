/** What the composite does not say: that the call will end soon, and why it ended. */
import { type EndCode, type Reason, reasonFor } from "../shared/reasons.js";

/** One piece of news, told above the composite. */
export interface NewsItem extends Pick<Reason, "title" | "text"> {
  readonly kind: "ending" | "ended";
  readonly end?: EndCode;
}

// Codes and subCodes for which the composite has words of its own, or needs none.
const SAID_BY_SUB_CODE: ReadonlySet<number> = new Set([
  5000, 5300, 5317, 5732, 5828, 5829, 5854, 10004, 10037, 10119, 10124, 560000,
]);
const SAID_BY_CODE: ReadonlySet<number> = new Set([603]);

/** The news of an end; undefined where the composite says it all. */
export function newsOfEnd(end: EndCode): NewsItem | undefined {
  const leftByHimself = end.code === 0 && end.subCode === 0;
  if (leftByHimself || SAID_BY_SUB_CODE.has(end.subCode) || SAID_BY_CODE.has(end.code)) {
    return undefined;
  }
  const { title, text } = reasonFor(end);
  return { kind: "ended", title, text, end };
}

/** The warning that a call will end at a moment, given the present one. */
export function newsOfEnding(at: Date, now: Date): NewsItem {
  const minutes = Math.round((at.getTime() - now.getTime()) / 60_000);
  const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const left = minutes < 1 ? "in less than a minute" : `in ${minutes} min`;
  return {
    kind: "ending",
    title: "The room closes soon",
    text: `The call ends for everybody at ${clock} (${left}).`,
  };
}

/** Holds what is told now, for whoever shows it. */
export class News {
  private _item: NewsItem | undefined;
  private _refused = false;
  private readonly _listeners = new Set<() => void>();

  readonly item = (): NewsItem | undefined => this._item;

  /** Whether the last call ended before it had begun. */
  readonly refused = (): boolean => this._refused;

  readonly follow = (changed: () => void): (() => void) => {
    this._listeners.add(changed);
    return () => this._listeners.delete(changed);
  };

  tell(item: NewsItem | undefined): void {
    this._item = item;
    this._changed();
  }

  markRefused(refused: boolean): void {
    this._refused = refused;
    this._changed();
  }

  private _changed(): void {
    for (const changed of this._listeners) changed();
  }
}
