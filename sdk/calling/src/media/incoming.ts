/** What the others send: asks the engine for what is shown and heard, or will be in a moment. */
import type { Cancel, Clock } from "../kernel/clock.js";
import type { MediaRoom, RoomFeed, Source } from "./port.js";
import { Voices } from "./voices.js";

/** A view that is taken off is often made again at once, when a page changes its layout. */
const LINGER_MS = 2_000;
/** Whoever enters a call with no more pictures than these will look at them soon, or not at all. */
const FEW_PICTURES = 4;
const SOON_MS = 5_000;
/** A sender whose media is being repaired comes back with the same sources within this time. */
const HOLD_MS = 6_000;

/** One source of one sender, as the others see it. */
export interface Feed {
  readonly sender: string;
  readonly stay: string;
  readonly source: Source;
  readonly muted: boolean;
}

/** Which feed it is. */
export type FeedName = Pick<Feed, "sender" | "source">;

/** What incoming media tells its owner. */
export interface IncomingListener {
  /** This is what the others send now. */
  onFeeds(feeds: readonly Feed[]): void;
  /** These are heard now. */
  onSound(tracks: readonly MediaStreamTrack[]): void;
}

/** What incoming media needs from outside. */
export interface IncomingNeeds {
  readonly clock: Clock;
  /** Whether a sender is still in the call as the server tells it. */
  readonly isInCall: (sender: string) => boolean;
}

/** Gets a track. */
export type Taker = (track: MediaStreamTrack) => void;

type Key = string;
const keyOf = (feed: FeedName): Key => `${feed.source} ${feed.sender}`;

interface Held {
  readonly feed: Feed;
  readonly stop: Cancel;
}

/** What one call receives. */
export class Incoming {
  private readonly _viewers = new Map<Key, Set<HTMLVideoElement>>();
  /** Who wants a track itself, for the app to show in its own way. */
  private readonly _takers = new Map<Key, Taker>();
  private readonly _lingering = new Map<Key, Cancel>();
  /** What each element shows. */
  private readonly _shown = new Map<HTMLVideoElement, RoomFeed>();
  /** Feeds that vanished with their sender's media, and may come back. */
  private readonly _held = new Map<Key, Held>();
  private readonly _voices = new Voices();
  private _seen = new Map<Key, Feed>();
  private _arrivals = new Map<Key, Set<() => void>>();
  private _room: MediaRoom | undefined;
  private _isSilent = false;

  constructor(
    private readonly _needs: IncomingNeeds,
    private readonly _listener: IncomingListener,
  ) {}

  /**
   * There is about to be a room to receive from. What is asked for now is part of the first
   * agreement with the engine; each later one takes the engine a sixth of a second longer.
   */
  expect(room: MediaRoom): void {
    const feeds = room.feeds();
    if (this._seen.size === 0) this._preview(feeds);
    this._choose(feeds);
    for (const feed of feeds) this._ask(feed);
  }

  /** There is a new room to receive from. Undefined: there is none for the moment. */
  bind(room: MediaRoom | undefined): void {
    this._room = room;
    this.refresh();
  }

  /** Something has changed in the room. While there is none, everything is as it was last. */
  refresh(): void {
    if (this._room === undefined) return;
    const feeds = this._room.feeds();
    this._choose(feeds);
    for (const feed of feeds) this._sync(feed);
    const heard = feeds.filter((feed) => feed.source === "microphone" && this._isHere(feed));
    this._listener.onSound(heard.map((feed) => feed.take()).filter((one) => one !== undefined));
    this._tell(new Map(feeds.map((feed) => [keyOf(feed), feed])));
  }

  /** The senders who speak now, the loudest first. */
  setSpeakers(senders: readonly string[]): void {
    if (this._voices.speak(senders)) this.refresh();
  }

  /** Show a picture in an element. `arrived` is called when the picture is there. */
  show(feed: FeedName, video: HTMLVideoElement, arrived: () => void): void {
    const key = keyOf(feed);
    this._lingering.get(key)?.();
    this._lingering.delete(key);
    this._viewers.set(key, (this._viewers.get(key) ?? new Set()).add(video));
    this._arrivals.set(key, (this._arrivals.get(key) ?? new Set()).add(arrived));
    this.refresh();
  }

  /** Stop showing it there. */
  hide(feed: FeedName, video: HTMLVideoElement): void {
    const key = keyOf(feed);
    const viewers = this._viewers.get(key);
    if (!viewers?.delete(video)) return;
    this._takeOff(video);
    if (viewers.size === 0) this._linger(key, LINGER_MS);
  }

  /** Play nothing that is heard, or everything again. */
  setSilent({ silent }: { readonly silent: boolean }): void {
    this._isSilent = silent;
    this.refresh();
  }

  /** Hand out a picture's track, now and whenever another one takes its place. */
  take(feed: FeedName, taker: Taker): void {
    this._takers.set(keyOf(feed), taker);
    this.refresh();
  }

  /** Nobody needs the track any more. */
  untake(feed: FeedName): void {
    if (this._takers.delete(keyOf(feed))) this.refresh();
  }

  /** The call is over. */
  close(): void {
    this._room = undefined;
    for (const stop of this._lingering.values()) stop();
    for (const held of this._held.values()) held.stop();
    this._held.clear();
    this._lingering.clear();
    this._arrivals.clear();
    this._viewers.clear();
    for (const video of [...this._shown.keys()]) this._takeOff(video);
    this._takers.clear();
  }

  /** Apps learn of the others when media is up, and then show those few at once. */
  private _preview(feeds: readonly RoomFeed[]): void {
    const pictures = feeds.filter(({ source, muted }) => source !== "microphone" && !muted);
    if (pictures.length > FEW_PICTURES) return;
    for (const key of pictures.map(keyOf)) {
      this._lingering.get(key)?.();
      this._viewers.set(key, new Set());
      this._linger(key, SOON_MS);
    }
  }

  /** Go on asking for a picture that nobody looks at. */
  private _linger(key: Key, milliseconds: number): void {
    const stop = this._needs.clock.after(milliseconds, () => {
      this._viewers.delete(key);
      this._lingering.delete(key);
      this.refresh();
    });
    this._lingering.set(key, stop);
  }

  private _put(feed: RoomFeed, video: HTMLVideoElement): void {
    const before = this._shown.get(video);
    this._shown.set(video, feed);
    feed.attach(video);
    // The last picture of a room that was lost stays until the next room has one.
    if (before !== undefined && before.arrived !== feed.arrived) before.detach(video);
  }

  private _takeOff(video: HTMLVideoElement): void {
    this._shown.get(video)?.detach(video);
    this._shown.delete(video);
  }

  private _sync(feed: RoomFeed): void {
    const key = keyOf(feed);
    const viewers = this._viewers.get(key);
    const wanted = this._ask(feed);
    if (!wanted || feed.arrived === undefined) return;
    if (feed.source === "microphone") feed.play({ muted: this._isSilent });
    this._give(feed);
    for (const video of viewers ?? []) this._put(feed, video);
    this._announce(key);
  }

  /** Ask for a feed or for nothing more of it; whether it is wanted. */
  private _ask(feed: RoomFeed): boolean {
    const wanted = this._needs.isInCall(feed.sender) && this._isWanted(feed, keyOf(feed));
    if (wanted !== feed.wanted) feed.want({ wanted });
    return wanted;
  }

  private _isWanted(feed: RoomFeed, key: Key): boolean {
    if (feed.source === "microphone") return this._voices.isChosen(feed.sender);
    return this._viewers.has(key) || this._takers.has(key);
  }

  private _choose(feeds: readonly RoomFeed[]): void {
    const microphones = feeds.filter(({ source }) => source === "microphone");
    this._voices.choose(microphones.filter(({ sender }) => this._needs.isInCall(sender)));
  }

  private _isHere(feed: RoomFeed): boolean {
    return feed.arrived !== undefined && this._needs.isInCall(feed.sender);
  }

  private _give(feed: RoomFeed): void {
    const taker = this._takers.get(keyOf(feed));
    const track = taker && feed.take();
    if (track !== undefined) taker?.(track);
  }

  private _announce(key: Key): void {
    const waiting = [...(this._arrivals.get(key) ?? [])];
    this._arrivals.delete(key);
    for (const arrived of waiting) arrived();
  }

  private _tell(now: ReadonlyMap<Key, Feed>): void {
    for (const [key, feed] of this._seen) {
      if (!now.has(key)) this._miss(key, feed);
    }
    for (const key of now.keys()) this._release(key);
    const held = [...this._held].map(([key, { feed }]) => [key, feed] as const);
    this._seen = new Map([...held, ...now]);
    this._listener.onFeeds([...this._seen.values()]);
  }

  /** A feed is gone. Its sender switched it off, or the sender's media is being repaired. */
  private _miss(key: Key, feed: Feed): void {
    const sameStay = this._room?.stayOf(feed.sender) === feed.stay;
    if (sameStay || this._held.has(key) || !this._needs.isInCall(feed.sender)) return;
    const stop = this._needs.clock.after(HOLD_MS, () => {
      this._held.delete(key);
      // Without a room nobody can have come back: then the wait begins anew with the next one.
      if (this._room !== undefined) this._seen.delete(key);
      this.refresh();
    });
    this._held.set(key, { feed, stop });
  }

  private _release(key: Key): void {
    this._held.get(key)?.stop();
    this._held.delete(key);
  }
}
