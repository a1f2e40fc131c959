/** Brings what a call wants to send into whatever room there is. */
import { type Clock, nap } from "../kernel/clock.js";
import type { Log } from "../kernel/log.js";
import { NO_LIMITS, type PictureLimits } from "./limits.js";
import {
  type MediaRoom,
  MicrophonesFull,
  NotPermitted,
  type Publication,
  type Source,
} from "./port.js";

const TRIES = 3;
const RETRY_MS = 500;

/** A track and whether it is sent in silence. */
export interface Wish {
  readonly track: MediaStreamTrack;
  readonly muted: boolean;
}

/** What sending needs from outside. */
export interface OutgoingNeeds {
  readonly clock: Clock;
  readonly log: Log;
  /** The engine did not take what a new room was to send. */
  readonly onRefused: (source: Source, error: unknown) => void;
}

/** All that one call sends. */
export class Outgoing {
  private readonly _slots: Record<Source, Slot>;

  constructor(needs: OutgoingNeeds) {
    const slot = (source: Source): Slot => new Slot(source, needs);
    this._slots = {
      microphone: slot("microphone"),
      camera: slot("camera"),
      screen: slot("screen"),
    };
  }

  /**
   * Send this from now on, or nothing when undefined. Resolves when the others can have it; at once
   * while media is down, for it is sent as soon as media is back. Rejects when the engine refuses.
   */
  send(source: Source, wish: Wish | undefined): Promise<void> {
    return this._slots[source].set(wish);
  }

  /** Up to how much of the camera's picture is sent; the screen is sent as it is. */
  get limits(): PictureLimits {
    return this._slots.camera.limits;
  }

  /** Limit the camera's picture, now and in every room to come. Resolves when it is so. */
  limit(limits: PictureLimits): Promise<void> {
    return this._slots.camera.limit(limits);
  }

  /** What is sent, or would be. */
  wished(source: Source): Wish | undefined {
    return this._slots[source].wish;
  }

  /** Send nothing for the time being. Resolves when nothing is sent any more. */
  async pause(): Promise<void> {
    await Promise.all(Object.values(this._slots).map((slot) => slot.pause({ paused: true })));
  }

  /** Send again what is wished now. */
  async resume(): Promise<void> {
    await Promise.all(Object.values(this._slots).map((slot) => slot.pause({ paused: false })));
  }

  /** There is a new room: send everything there. Undefined: there is none for the moment. */
  bind(room: MediaRoom | undefined): void {
    for (const slot of Object.values(this._slots)) slot.bind(room);
  }
}

interface Sent {
  readonly publication: Publication;
  readonly track: MediaStreamTrack;
  readonly muted: boolean;
  readonly limits: PictureLimits;
}

/** One source: compares what is sent with what is wanted, one step at a time. */
class Slot {
  private _wish: Wish | undefined;
  private _limits = NO_LIMITS;
  private _isPaused = false;
  /** The engine hears of a resume by itself, maybe a moment after us: what it refuses then, it may take yet. */
  private _isEarly = false;
  private _sent: Sent | undefined;
  private _room: MediaRoom | undefined;
  private _asked: Wish | undefined;
  private _failure: { readonly wish: Wish | undefined; readonly error: unknown } | undefined;
  private _work: Promise<void> = Promise.resolve();

  constructor(
    private readonly _source: Source,
    private readonly _needs: OutgoingNeeds,
  ) {}

  get wish(): Wish | undefined {
    return this._wish;
  }

  get limits(): PictureLimits {
    return this._limits;
  }

  async limit(limits: PictureLimits): Promise<void> {
    this._limits = limits;
    await this._settle();
  }

  async set(wish: Wish | undefined): Promise<void> {
    this._wish = wish;
    this._asked = wish;
    await this._settle();
    if (this._asked === wish) this._asked = undefined;
    if (wish !== undefined && this._failure?.wish === wish) throw this._failure.error;
  }

  async pause({ paused }: { readonly paused: boolean }): Promise<void> {
    this._isEarly = this._isPaused && !paused;
    this._isPaused = paused;
    await this._settle();
  }

  bind(room: MediaRoom | undefined): void {
    this._room = room;
    this._sent = undefined;
    void this._settle();
  }

  /** Compare once more, after what is under way. */
  private _settle(): Promise<void> {
    this._work = this._work.then(() => this._run());
    return this._work;
  }

  private async _run(): Promise<void> {
    let failures = 0;
    while (this._room !== undefined && !this._isSettled()) {
      const { _room: room, _due: wish } = this;
      try {
        await this._attempt(room);
      } catch (error) {
        if (this._room !== room || this._due !== wish) continue;
        failures += 1;
        const isFinal =
          error instanceof MicrophonesFull || (error instanceof NotPermitted && !this._isEarly);
        if (isFinal || failures >= TRIES) this._giveUp(error);
        else await nap(this._needs.clock, RETRY_MS).over;
      }
    }
    if (!this._isPaused) this._isEarly = false;
  }

  /** Whoever just asked learns it by the answer; else the call learns it. */
  private _giveUp(error: unknown): void {
    const wish = this._wish;
    // What is sent in silence stays there: the next try is one question.
    const stays = wish !== undefined && error instanceof MicrophonesFull;
    this._wish = stays ? { ...wish, muted: true } : undefined;
    if (!stays) this._sent = undefined;
    this._failure = { wish, error };
    this._needs.log.warning(`the ${this._source} could not be sent`, error);
    if (wish !== this._asked) this._needs.onRefused(this._source, error);
  }

  /** One step, unless the room ends first: what waits there then waits for ever. */
  private async _attempt(room: MediaRoom): Promise<void> {
    const outcome = await Promise.race([this._step(room).then(() => "done"), room.over]);
    if (outcome === undefined && this._room === room) this._room = undefined;
  }

  /** What is to be sent now. */
  private get _due(): Wish | undefined {
    return this._isPaused ? undefined : this._wish;
  }

  private _isSettled(): boolean {
    const { _due: wish, _sent: sent } = this;
    const isLimited = sent === undefined || sent.limits === this._limits;
    return isLimited && wish?.track === sent?.track && wish?.muted === sent?.muted;
  }

  private async _step(room: MediaRoom): Promise<void> {
    const { _due: wish, _sent: sent } = this;
    if (wish === undefined) {
      this._sent = undefined;
      await sent?.publication.unpublish();
      return;
    }
    const next = await this._bring(room, wish, sent);
    // A room that went away in the meantime took its publications along.
    if (this._room === room) this._sent = next;
  }

  private async _bring(room: MediaRoom, wish: Wish, sent: Sent | undefined): Promise<Sent> {
    if (sent === undefined) {
      const publication = await room.publish(this._source, wish.track, { muted: wish.muted });
      const { muted } = publication;
      return this._limited({ publication, track: wish.track, muted, limits: NO_LIMITS });
    }
    if (sent.track !== wish.track) await sent.publication.replace(wish.track);
    if (sent.muted !== wish.muted) await sent.publication.setMuted({ muted: wish.muted });
    return this._limited({ ...sent, ...wish });
  }

  /** Whoever limits the picture would rather show more of it than nothing. */
  private async _limited(sent: Sent): Promise<Sent> {
    const limits = this._limits;
    if (sent.limits === limits) return sent;
    await sent.publication.limit(limits).catch((error: unknown) => {
      this._needs.log.warning(`the ${this._source} could not be limited`, error);
    });
    return { ...sent, limits };
  }
}
