/** Keeps a call's media up: a room, and after every loss another one with the same ticket. */
import { Backoff } from "../kernel/backoff.js";
import type { Chance } from "../kernel/chance.js";
import { type Clock, type Nap, nap } from "../kernel/clock.js";
import type { Log } from "../kernel/log.js";
import {
  type EngineAddress,
  type MakeRoom,
  MediaRefused,
  type MediaRoom,
  type RoomListener,
} from "./port.js";

/** The first try after a loss comes at once; the engine's gate holds it while the engine starts. */
const RETRY_MS = [50, 200, 400, 700, 1_000, 1_500, 2_000] as const;
/** One try: the gate may hold it for 10 s, and the transports then need their own time. */
const TRY_MS = 25_000;
/** A room that stood this long was a good one: the next retry begins anew, however often it is lost. */
const STABLE_MS = 1_000;
const CLOSE_MS = 500;

/** Why there is no media any more. */
export type MediaEnd =
  | { readonly kind: "closed" }
  | { readonly kind: "refused"; readonly why: MediaRefused }
  | { readonly kind: "lost"; readonly wasUp: boolean };

/** What a connection tells its owner. */
export interface ConnectionListener extends RoomListener {
  /** Media is up, in this room. */
  onUp(room: MediaRoom): void;
  /** Media is down for the moment. */
  onDown(): void;
}

/** What a connection needs from outside. */
export interface ConnectionNeeds {
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** How long media may be away before the call is given up. */
  readonly patienceMs: number;
}

/** The media connection of one leg. */
export class MediaConnection {
  private readonly _backoff: Backoff;
  private readonly _ears: RoomListener;
  private _room: MediaRoom | undefined;
  /** Where the first room connects already. */
  private _early: EngineAddress | undefined;
  private _isRunning = false;
  private _untold: (() => void)[] = [];
  private _pause: Nap | undefined;
  private _closed = false;

  constructor(
    private readonly _needs: ConnectionNeeds,
    private readonly _listener: ConnectionListener,
  ) {
    this._backoff = new Backoff(RETRY_MS, _needs.chance);
    this._ears = {
      onAnswered: (room) => this._tell(() => _listener.onAnswered(room)),
      onFeeds: () => this._tell(() => _listener.onFeeds()),
      onSpeakers: (senders) => this._tell(() => _listener.onSpeakers(senders)),
      onPlayback: (state) => this._tell(() => _listener.onPlayback(state)),
      onTakenAway: (source) => this._tell(() => _listener.onTakenAway(source)),
      onUnreachable: () => this._tell(() => _listener.onUnreachable()),
    };
  }

  /**
   * It will be run in a moment: make the first room ready, and connect it where it is likely to be let
   * in. Nothing is told of it before it runs.
   */
  prepare(early?: EngineAddress): void {
    if (this._closed || this._isRunning) return;
    this._early ??= early;
    this._next().prepare(early);
  }

  /** Connect, and connect again after every loss. Resolves when it is over for good. */
  async run(address: EngineAddress): Promise<MediaEnd> {
    let lastUp = this._needs.clock.now();
    let wasUp = false;
    let isEarly = this._early?.ticket === address.ticket;
    if (this._early !== undefined && !isEarly) await this._drop();
    this._isRunning = true;
    for (const tell of this._untold.splice(0)) tell();
    while (!this._closed) {
      const outcome = await this._try(address);
      const wasEarly = isEarly;
      isEarly = false;
      // What came of an early try tells nothing of one in time.
      if (wasEarly && (outcome === undefined || outcome instanceof MediaRefused)) continue;
      if (outcome instanceof MediaRefused) return { kind: "refused", why: outcome };
      if (outcome !== undefined) {
        wasUp = true;
        lastUp = await this._stay(outcome);
      }
      if (this._needs.clock.now() - lastUp >= this._needs.patienceMs)
        return { kind: "lost", wasUp };
      await this._wait();
    }
    return { kind: "closed" };
  }

  /** The network may be back: try now instead of later. */
  hurry(): void {
    this._pause?.wake();
  }

  /** End it. `run` then resolves. */
  async close(): Promise<void> {
    this._closed = true;
    this._pause?.wake();
    await this._drop();
  }

  /** One try: the room when it is up, the refusal, or undefined when nothing came of it. */
  private async _try(address: EngineAddress): Promise<MediaRoom | MediaRefused | undefined> {
    const room = this._next();
    const late = nap(this._needs.clock, TRY_MS);
    let refused: MediaRefused | undefined;
    try {
      const up = room.connect(address).then(() => room);
      const outcome = await Promise.race([up, room.over, late.over]);
      if (outcome !== undefined && !this._closed) return outcome;
    } catch (error) {
      if (error instanceof MediaRefused) refused = error;
      else this._needs.log.info("media could not be connected", error);
    } finally {
      late.wake();
    }
    await this._drop();
    return refused;
  }

  /** From the moment a room is up to its end. Gives back when that was. */
  private async _stay(room: MediaRoom): Promise<number> {
    const since = this._needs.clock.now();
    this._listener.onUp(room);
    await room.over;
    const until = this._needs.clock.now();
    if (until - since >= STABLE_MS) this._backoff.reset();
    if (!this._closed) this._listener.onDown();
    await this._drop();
    return until;
  }

  /** The room that is ready, or a new one. */
  private _next(): MediaRoom {
    this._room ??= this._needs.makeRoom(this._ears);
    return this._room;
  }

  private _tell(what: () => void): void {
    if (this._isRunning) what();
    else this._untold.push(what);
  }

  private async _wait(): Promise<void> {
    if (this._closed) return;
    this._pause = nap(this._needs.clock, this._backoff.next());
    await this._pause.over;
    this._pause = undefined;
  }

  /** Close the room before another is made: a farewell must not come after the other's arrival. */
  private async _drop(): Promise<void> {
    const room = this._room;
    this._room = undefined;
    this._untold = [];
    if (room === undefined) return;
    const late = nap(this._needs.clock, CLOSE_MS);
    await Promise.race([room.close({ forGood: this._closed }), late.over]);
    late.wake();
  }
}
