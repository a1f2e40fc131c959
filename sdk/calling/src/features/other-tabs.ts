/** Knows whether another tab of the same site has calls at work. */
import type { Cancel } from "../kernel/clock.js";
import { newGuid } from "../kernel/ids.js";

const NAME = "openrooms.calling.tabs";
/** All clients of one page are one tab. */
const PAGE = newGuid();

/** What tabs tell each other. */
type Word = { readonly here: string } | { readonly who: true };

/** What tabs need of a browser. */
export interface TabNeeds {
  readonly locks: Pick<LockManager, "request">;
  readonly open: (name: string) => BroadcastChannel;
}

/** The browser's own; undefined outside of pages that were loaded safely, where there are no calls. */
export function browserTabs(): TabNeeds | undefined {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  if (locks === undefined || typeof BroadcastChannel === "undefined") return undefined;
  return { locks, open: (name) => new BroadcastChannel(name) };
}

/**
 * One page among others. Each that has calls at work holds a lock, which the browser lets go with the
 * page, however that ends: whoever waits for it learns so.
 */
export class OtherTabs {
  private readonly _others = new Set<string>();
  private readonly _over = new AbortController();
  private readonly _channel: BroadcastChannel;
  private _isActive = false;

  /** `onChange`: there is another one now, or none any more. */
  constructor(
    private readonly _needs: TabNeeds,
    private readonly _onChange: (isAnother: boolean) => void,
    private readonly _own = PAGE,
  ) {
    this._channel = _needs.open(NAME);
    this._channel.onmessage = ({ data }: MessageEvent<unknown>) => this._hear(data);
    this._say({ who: true });
  }

  /** Calls are at work here from now on, until taken back. */
  activate(): Cancel {
    let release: Cancel = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hold = (): Promise<void> => {
      this._isActive = true;
      this._say({ here: this._own });
      return held;
    };
    this._lock(this._own, hold);
    return () => {
      this._isActive = false;
      release();
    };
  }

  /** Hear no more of the others. */
  close(): void {
    this._over.abort();
    this._channel.close();
  }

  private _say(word: Word): void {
    this._channel.postMessage(word);
  }

  private _hear(data: unknown): void {
    if (typeof data !== "object" || data === null) return;
    if ("who" in data && this._isActive) this._say({ here: this._own });
    if ("here" in data && typeof data.here === "string") this._meet(data.here);
  }

  private _meet(other: string): void {
    if (other === this._own || this._others.has(other)) return;
    this._others.add(other);
    if (this._others.size === 1) this._onChange(true);
    this._lock(other, () => {
      if (this._others.delete(other) && this._others.size === 0) this._onChange(false);
    });
  }

  private _lock(tab: string, then: () => Promise<void> | void): void {
    const { signal } = this._over;
    // It is rejected when this page hears no more of the others.
    this._needs.locks.request(`${NAME}.${tab}`, { signal }, then).catch(() => undefined);
  }
}
