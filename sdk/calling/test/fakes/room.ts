/** A media engine by hand: rooms that connect, fail and end when the test says so. */
import type { PictureLimits } from "../../src/media/limits.js";
import {
  type EngineAddress,
  type MakeRoom,
  type MediaRoom,
  MicrophonesFull,
  type Mute,
  type Publication,
  type RoomFeed,
  type RoomListener,
  type Source,
  type StatsScope,
  type TrackStats,
  type Vitals,
} from "../../src/media/port.js";
import { track } from "./tracks.js";

/** A track as the engine sees it. */
export interface SentTrack {
  readonly source: Source;
  track: MediaStreamTrack;
  muted: boolean;
  limits?: PictureLimits;
}

/** What somebody else sends. */
export interface FakeFeed {
  readonly sender: string;
  readonly source: Source;
  readonly stay?: string;
  readonly muted?: boolean;
}

type Change = (wanted: boolean) => void;

/** One room. */
export class FakeRoom implements MediaRoom {
  readonly over: Promise<undefined>;
  readonly sent: SentTrack[] = [];
  /** What the client did with feeds: `want camera bo`, `attach camera bo`, `play microphone bo`. */
  readonly done: string[] = [];
  speaker: string | undefined;
  isClosed = false;
  saidFarewell = false;
  /** How well the room is connected. */
  health: Vitals = { signalling: true, media: true, quality: undefined, others: [] };
  /** Whether the engine cannot be reached. */
  isAway = false;
  /** Set to make the next publication fail. */
  publishError: Error | undefined;
  /** Whether as many microphones are open as may be. */
  isFull = false;
  /** What happens once a track is sent. */
  onSent: () => void = () => undefined;
  /** Set to make limits fail. */
  limitError: Error | undefined;
  private _feeds: FakeFeed[] = [];
  private readonly _wanted = new Set<string>();
  private readonly _tracks = new Map<string, MediaStreamTrack>();
  /** What has become of it before anybody asked. */
  private _outcome: () => void = () => undefined;
  private _connected: () => void = () => undefined;
  private _failed: (error: Error) => void = () => undefined;
  private _end: () => void = () => undefined;

  /** Where it connects, from then on. */
  address: EngineAddress | undefined;
  isPrepared = false;
  /** Where it connected before it was to. */
  early: EngineAddress | undefined;

  constructor(
    readonly listener: RoomListener,
    private readonly _onConnect: (room: FakeRoom) => void = () => undefined,
  ) {
    this.over = new Promise((resolve) => {
      this._end = () => resolve(undefined);
    });
  }

  prepare(address?: EngineAddress): void {
    this.isPrepared = true;
    this.early = address;
  }

  connect(address: EngineAddress): Promise<void> {
    this.address = address;
    this._onConnect(this);
    if (this.isAway) return Promise.reject(new Error("no route"));
    return new Promise((resolve, reject) => {
      this._connected = resolve;
      this._failed = reject;
      this._outcome();
    });
  }

  /** The engine accepts: first it answers, then media finds its way. */
  accept(): void {
    this.listener.onAnswered(this);
    this._outcome = () => this._connected();
    this._connected();
  }

  /** The engine or its gate does not accept. */
  fail(error: Error): void {
    this._outcome = () => this._failed(error);
    this._failed(error);
  }

  /** The room is no use any more. */
  end(): void {
    this._end();
  }

  /** The others send this now. */
  receive(...feeds: FakeFeed[]): void {
    this._feeds = feeds;
    this.listener.onFeeds();
  }

  async publish(source: Source, track: MediaStreamTrack, { muted }: Mute): Promise<Publication> {
    const error = this.publishError;
    if (error !== undefined) throw error;
    const refuses = (): boolean => this.isFull && source === "microphone";
    const one: SentTrack = { source, track, muted: muted || refuses() };
    this.sent.push(one);
    this.onSent();
    return {
      muted: one.muted,
      replace: async (next) => {
        one.track = next;
      },
      setMuted: async (next) => {
        if (!next.muted && refuses()) throw new MicrophonesFull();
        one.muted = next.muted;
      },
      limit: async (limits) => {
        if (this.limitError !== undefined) throw this.limitError;
        one.limits = limits;
      },
      unpublish: async () => {
        this.sent.splice(this.sent.indexOf(one), 1);
      },
    };
  }

  feeds(): readonly RoomFeed[] {
    return this._feeds.map((feed) => this._roomFeed(feed));
  }

  stayOf(sender: string): string | undefined {
    const feed = this._feeds.find((one) => one.sender === sender);
    return feed && (feed.stay ?? "stay-1");
  }

  /** What the browser counts next. */
  counted: readonly TrackStats[] = [];
  /** What was asked for, one for each measurement. */
  readonly scopes: StatsScope[] = [];

  async stats(scope: StatsScope): Promise<readonly TrackStats[]> {
    this.scopes.push(scope);
    return this.counted;
  }

  vitals(): Vitals {
    return this.health;
  }

  async setSpeaker(deviceId: string): Promise<void> {
    this.speaker = deviceId;
  }

  async close({ forGood }: { readonly forGood: boolean }): Promise<void> {
    this.isClosed = true;
    this.saidFarewell = forGood;
    this._end();
    this._failed(new Error("closed"));
  }

  private _track(name: string, source: Source): MediaStreamTrack {
    const known =
      this._tracks.get(name) ?? track(name, source === "microphone" ? "audio" : "video");
    this._tracks.set(name, known);
    return known;
  }

  private _roomFeed({ sender, source, stay = "stay-1", muted = false }: FakeFeed): RoomFeed {
    const name = `${source} ${sender}`;
    const want: Change = (wanted) => {
      this.done.push(`${wanted ? "want" : "drop"} ${name}`);
      if (wanted) this._wanted.add(name);
      else this._wanted.delete(name);
    };
    const wanted = this._wanted.has(name);
    return {
      sender,
      source,
      stay,
      muted,
      wanted,
      arrived: wanted ? this._track(name, source) : undefined,
      want: (wish) => want(wish.wanted),
      attach: () => void this.done.push(`attach ${name}`),
      detach: () => void this.done.push(`detach ${name}`),
      play: ({ muted: hushed }) => void this.done.push(`${hushed ? "hush" : "play"} ${name}`),
      take: () => (wanted ? this._track(name, source) : undefined),
    };
  }
}

/** Makes rooms and keeps them. */
export class FakeEngine {
  /** Those that connect, or have connected. */
  readonly rooms: FakeRoom[] = [];
  /** All that were made. */
  readonly made: FakeRoom[] = [];
  /** Whether rooms that connect from now on cannot. */
  isAway = false;
  private _watchers: (() => void)[] = [];

  readonly makeRoom: MakeRoom = (listener) => {
    const room = new FakeRoom(listener, (one) => this._meet(one));
    this.made.push(room);
    return room;
  };

  private _meet(room: FakeRoom): void {
    room.isAway = this.isAway;
    this.rooms.push(room);
    for (const watcher of this._watchers.splice(0)) watcher();
  }

  /** The room with this number, from 1, as soon as it connects. */
  async room(number: number): Promise<FakeRoom> {
    while (this.rooms.length < number) {
      await new Promise<void>((resolve) => this._watchers.push(resolve));
    }
    const room = this.rooms[number - 1];
    if (room === undefined) throw new Error("There is no such room.");
    return room;
  }
}
