/** What an agent asks its server to do in a call, however often the connection breaks meanwhile. */

import { Backoff } from "../kernel/backoff.js";
import type { Chance } from "../kernel/chance.js";
import { type Clock, nap } from "../kernel/clock.js";
import { CommunicationServicesError, FAILURES, raise } from "../kernel/errors.js";
import type { AgentSocket } from "./agent-socket.js";
import { LineLost, Refused } from "./line.js";
import { addressAt, type FullMediaAddress } from "./media-address.js";
import { type Joined, readJoined, type Verdict } from "./messages.js";

const RETRY_MS = [300, 700, 1_500, 3_000] as const;
const TRY_AGAIN = 503;
const TOO_OFTEN = 429;
/** What need not arrive is tried so often: the server may not know yet that the media is up. */
const LOSSY_TRIES = 4;
const LEAVE_MS = 2_000;
const HAND_IN_MS = 30_000;

/** Nothing came of joining in time. */
export const JOIN_TIMED_OUT: Verdict = {
  code: 408,
  subCode: 4506,
  message: "Joining took too long: the server did not answer.",
};
const SERVER_UNREACHABLE: Verdict = {
  code: 490,
  subCode: 4502,
  message: "Joining took too long: the server could not be reached.",
};

/** How a call is entered: an op whose answer is that of `join`, and what it names. */
export interface Entry {
  readonly op: "join" | "start" | "accept";
  readonly fields: object;
}

/** What entering needs. */
export interface EntryRequest extends Entry {
  /** Makes the request repeatable: the server knows it by this GUID. */
  readonly joinId: string;
  /**
   * The request is on its way: there is time for what needs no answer. `early` opens the media if the
   * answer is good, and not before.
   */
  readonly onAsked: (early: FullMediaAddress | undefined) => void;
  /** Entering is called off. */
  readonly signal: AbortSignal;
  readonly withinMs: number;
}

/** How something is delivered. */
export interface Delivery {
  /** Again and again until it is, though the connection breaks and the server says "later". */
  readonly lossless: boolean;
  /** A time of the clock; at once when left out. */
  readonly notBefore?: number;
}

interface Insistence {
  readonly how: Delivery;
  readonly signal: AbortSignal;
  readonly calledOff: Promise<undefined>;
}

/** The operations of one agent. */
export class Operations {
  private _late: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly _socket: AgentSocket,
    private readonly _clock: Clock,
    private readonly _chance: Chance,
  ) {}

  /** Resolves when no request to join is under way that was called off. */
  get settled(): Promise<unknown> {
    return this._late;
  }

  /**
   * Enter a call. Repeats itself under the same `joinId` while answers are lost or the server says
   * "try again". Rejects with `Refused`; resolves with undefined when called off.
   */
  async enter(request: EntryRequest): Promise<Joined | undefined> {
    const since = this._clock.now();
    const backoff = new Backoff(RETRY_MS, this._chance);
    const calledOff = aborted(request.signal);
    let last = JOIN_TIMED_OUT;
    while (!request.signal.aborted) {
      const left = request.withinMs - (this._clock.now() - since);
      if (left <= 0) throw new Refused(this._whyNot(last));
      const late = nap(this._clock, left);
      const attempt = this._tryToEnter(request);
      const outcome = await Promise.race([attempt, calledOff, late.over]);
      late.wake();
      if (outcome === undefined)
        this._late = Promise.all([this._late, attempt.catch(() => undefined)]);
      if (isJoined(outcome)) return outcome;
      if (outcome !== undefined) last = outcome;
      await Promise.race([nap(this._clock, backoff.next()).over, calledOff]);
    }
    return undefined;
  }

  /** Ask for something in a call, once. Rejects with the server's reason, or when it is away. */
  async ask(op: string, fields: object): Promise<void> {
    const { line } = this._socket;
    if (line === undefined) throw raise(FAILURES.serverAway);
    try {
      await line.request(op, fields);
    } catch (error) {
      throw raiseFor(error);
    }
  }

  /**
   * Hand in what the server takes only once however often it comes, again and again while the
   * connection breaks. Rejects with the server's reason, or when it is away for too long.
   */
  async handIn(op: string, fields: object): Promise<void> {
    const late = nap(this._clock, HAND_IN_MS);
    const backoff = new Backoff(RETRY_MS, this._chance);
    try {
      for (;;) {
        const isTaken = await Promise.race([this._tryToHandIn(op, fields), late.over]);
        if (isTaken === undefined) throw raise(FAILURES.serverAway);
        if (isTaken) return;
        await this._rest(backoff.next(), late.over);
      }
    } finally {
      late.wake();
    }
  }

  private async _tryToHandIn(op: string, fields: object): Promise<boolean> {
    try {
      await this._send(op, fields, { lossless: true });
      return true;
    } catch (error) {
      if (error instanceof LineLost || isPassing(error, { lossless: false })) return false;
      throw raiseFor(error);
    }
  }

  /** Deliver something to the others in a call. Rejects when that is called off, or was refused. */
  async deliver(
    op: string,
    fields: object,
    { signal, ...how }: Delivery & { readonly signal: AbortSignal },
  ): Promise<void> {
    let stop: () => void = () => undefined;
    const calledOff = new Promise<undefined>((resolve) => {
      stop = () => resolve(undefined);
    });
    signal.addEventListener("abort", stop);
    try {
      await this._insist(() => this._send(op, fields, how), { how, signal, calledOff });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  private async _send(op: string, fields: object, { lossless }: Delivery): Promise<void> {
    const line = lossless ? await this._socket.connected() : this._socket.line;
    if (line === undefined) throw raise(FAILURES.serverAway);
    await line.request(op, fields);
  }

  private async _insist(
    send: () => Promise<void>,
    { how, signal, calledOff }: Insistence,
  ): Promise<void> {
    const backoff = new Backoff(RETRY_MS, this._chance);
    let wait = (how.notBefore ?? 0) - this._clock.now();
    for (let tries = 1; !signal.aborted; tries += 1) {
      if (wait > 0) await this._rest(wait, calledOff);
      if (signal.aborted) break;
      try {
        await Promise.race([send(), calledOff]);
        if (!signal.aborted) return;
      } catch (error) {
        const mayPass = how.lossless || tries < LOSSY_TRIES;
        if (!mayPass || !isPassing(error, how)) throw raiseFor(error);
      }
      wait = backoff.next();
    }
    throw raise(FAILURES.callEnded);
  }

  private async _rest(milliseconds: number, calledOff: Promise<unknown>): Promise<void> {
    const pause = nap(this._clock, milliseconds);
    await Promise.race([pause.over, calledOff]);
    pause.wake();
  }

  /** End the own endpoint in a call. Waits a moment for the answer, but never fails. */
  async leave(callId: string): Promise<void> {
    const told = this._socket.line?.request("leave", { callId }).catch(() => undefined);
    if (told === undefined) return;
    const late = nap(this._clock, LEAVE_MS);
    await Promise.race([told, late.over]);
    late.wake();
  }

  /** Why the time is up: the server's last word, or that there was none. */
  private _whyNot(last: Verdict): Verdict {
    const isAway = this._socket.line === undefined;
    return last === JOIN_TIMED_OUT && isAway ? SERVER_UNREACHABLE : last;
  }

  /** One try: the answer, or why another try is worth making. */
  private async _tryToEnter(request: EntryRequest): Promise<Joined | Verdict> {
    const { op, fields, joinId } = request;
    try {
      const line = await this._socket.connected();
      if (request.signal.aborted) return JOIN_TIMED_OUT;
      const early = this._socket.takeNext();
      const ticket = early && { ticket: early.ticket };
      const answer = line.request(op, { ...fields, joinId, ...ticket });
      const { server } = this._socket;
      request.onAsked(server && early && addressAt(server, early));
      const told = await answer.catch((error: unknown) => {
        // What was not used opens the next one.
        if (error instanceof Refused) this._socket.keepNext(line, early);
        throw error;
      });
      const joined = readJoined(told);
      this._socket.keepNext(line, joined?.next);
      // Called off while the server was answering: it must not keep the seat.
      if (joined !== undefined && request.signal.aborted) await this.leave(joined.call.callId);
      return joined ?? JOIN_TIMED_OUT;
    } catch (error) {
      if (error instanceof Refused && error.verdict.code === TRY_AGAIN) return error.verdict;
      if (error instanceof LineLost) return JOIN_TIMED_OUT;
      throw error;
    }
  }
}

/** Whether the same may go through in a moment. */
function isPassing(error: unknown, { lossless }: Delivery): boolean {
  if (error instanceof LineLost) return lossless;
  const code = error instanceof Refused ? error.verdict.code : 0;
  return code === TRY_AGAIN || (lossless && code === TOO_OFTEN);
}

function raiseFor(error: unknown): CommunicationServicesError {
  if (error instanceof CommunicationServicesError) return error;
  return raise(error instanceof Refused ? error.verdict : FAILURES.serverAway);
}

function isJoined(outcome: Joined | Verdict | undefined): outcome is Joined {
  return typeof outcome === "object" && "media" in outcome;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
