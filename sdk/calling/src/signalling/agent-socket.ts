/** An agent's connection to its server: made, kept, and made again after every loss. */
import type { CommunicationTokenCredential } from "@azure/communication-common";
import { Backoff } from "../kernel/backoff.js";
import type { Chance } from "../kernel/chance.js";
import { type Clock, type Nap, nap } from "../kernel/clock.js";
import { CommunicationServicesError, FAILURES, raise } from "../kernel/errors.js";
import type { Log } from "../kernel/log.js";
import { Line, LineLost, Refused } from "./line.js";
import type { MediaAddress } from "./media-address.js";
import { readWelcome, type ServerEvent, type Verdict, type Welcome } from "./messages.js";
import { type ServerAddress, unreachable } from "./server-address.js";
import type { OpenSocket } from "./socket.js";
import { Tokens } from "./tokens.js";

const VERSION = 1;
const SIGNED_OUT = 4401;
const RETRY_MS = [100, 300, 700, 1_500, 3_000, 5_000] as const;
/** A connection that stood this long was a good one: the next retry begins anew. */
const STABLE_MS = 10_000;
/** How often a credential is asked for another token when its last one was refused. */
const NEW_TOKEN_MS = 30_000;
/** A server that is away at the first try may be starting: so many tries before giving up. */
const FIRST_TRIES = 3;
const FIRST_MS = 9_000;
const NOT_A_USER = 401;
const GOODBYE_MS = 1_000;

/** Why there is no connection. */
export type Trouble = "invalidToken" | "connectionIssue";

/** What the connection tells its owner. */
export interface AgentListener {
  /** In touch. `resumed`: the server still knows the agent, its calls stand. */
  onConnected(state: { readonly resumed: boolean }): void;
  onDisconnected(trouble: Trouble): void;
  onEvent(event: ServerEvent): void;
}

/** What the connection needs from outside. */
export interface AgentNeeds {
  readonly credential: CommunicationTokenCredential;
  readonly displayName: string | undefined;
  /** The server's address when it shall not be read from the token. */
  readonly proxy: string | undefined;
  readonly open: OpenSocket;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly online: () => boolean;
  readonly log: Log;
}

/** A connection that stands, and the code with which it will close. */
interface Standing {
  readonly over: Promise<number>;
}

/** A connection that is being opened. */
interface Opening extends Standing {
  readonly line: Line;
  readonly opened: Promise<void>;
}

/** Somebody who needs the connection. */
interface Waiting {
  readonly resolve: (line: Line) => void;
  readonly reject: (why: Refused) => void;
}

/** The connection of one call agent. */
export class AgentSocket {
  private readonly _tokens: Tokens;
  private readonly _backoff: Backoff;
  private _line: Line | undefined;
  private _server: ServerAddress | undefined;
  private _welcome: Welcome | undefined;
  private _next: MediaAddress | undefined;
  private _pause: Nap | undefined;
  private _waiting: Waiting[] = [];
  private _asleep = false;
  private _closed = false;

  constructor(
    private readonly _needs: AgentNeeds,
    private readonly _listener: AgentListener,
  ) {
    this._tokens = new Tokens(_needs);
    this._backoff = new Backoff(RETRY_MS, _needs.chance);
  }

  /** The raw id of the user, once connected. */
  get rawId(): string | undefined {
    return this._welcome?.rawId;
  }

  /** The server, once connected. */
  get server(): ServerAddress | undefined {
    return this._server;
  }

  /** Connect for the first time, and from then on keep the connection. */
  async start(): Promise<void> {
    const standing = await this._begin();
    void this._keep(standing);
  }

  /**
   * The connection, as soon as there is one. Rejects with `Refused` when the token is no good, or the
   * agent was disposed.
   */
  connected(): Promise<Line> {
    if (this._closed) return Promise.reject(new Refused(FAILURES.agentDisposed));
    if (this._line !== undefined) return Promise.resolve(this._line);
    return new Promise((resolve, reject) => {
      this._waiting.push({ resolve, reject });
      this.hurry();
    });
  }

  /** The connection, if there is one now. */
  get line(): Line | undefined {
    return this._line;
  }

  /** What will open the media of the call that is entered next, if the server told. Given away once. */
  takeNext(): MediaAddress | undefined {
    const next = this._next;
    this._next = undefined;
    return next;
  }

  /** The server told this on a connection, or the last one was not needed. */
  keepNext(line: Line, next: MediaAddress | undefined): void {
    if (line === this._line) this._next ??= next;
  }

  /** Something says that the network changed: look at once instead of later. */
  hurry(): void {
    this._line?.check();
    this._pause?.wake();
  }

  /** The page goes away: say goodbye while there is time, and stay away until `wakeUp`. */
  sleep(): void {
    this._asleep = true;
    void this._say("goodbye");
    this._welcome = undefined;
  }

  /** The page is back from the browser's cache: connect again, as a new agent. */
  wakeUp(): void {
    this._asleep = false;
    this.hurry();
  }

  /** Say goodbye and end the connection for good. */
  async close(): Promise<void> {
    if (this._closed) return;
    this._closed = true;
    const goodbye = this._say("goodbye");
    await Promise.race([goodbye, nap(this._needs.clock, GOODBYE_MS).over]);
    this._line?.end();
    this._line = undefined;
    this._pause?.wake();
    this._turnAway(FAILURES.agentDisposed);
  }

  private async _say(op: string): Promise<void> {
    await this._line?.request(op).catch(() => undefined);
  }

  private async _begin(): Promise<Standing> {
    const since = this._needs.clock.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this._connect();
      } catch (error) {
        const spent = attempt >= FIRST_TRIES || this._needs.clock.now() - since >= FIRST_MS;
        if (spent || isFinal(error)) throw this._failure(error, since);
      }
      await this._wait(this._backoff.next());
    }
  }

  private _failure(error: unknown, since: number): CommunicationServicesError {
    if (error instanceof CommunicationServicesError) return error;
    if (error instanceof Refused) return raise(error.verdict);
    const why = this._server && unreachable(this._server, { online: this._needs.online() });
    const late = this._needs.clock.now() - since >= FIRST_MS;
    return raise(late ? FAILURES.agentTimeout : FAILURES.serverAway, why);
  }

  private async _keep(first: Standing): Promise<void> {
    let standing: Standing | undefined = first;
    while (!this._closed) {
      if (standing !== undefined) await this._live(standing);
      standing = undefined;
      if (this._closed) return;
      await this._wait(this._delay());
      if (this._closed || this._asleep) continue;
      standing = await this._connect().catch((error: unknown) => this._note(error));
    }
  }

  private _delay(): number {
    if (this._asleep || this._tokens.refused) return NEW_TOKEN_MS;
    return this._backoff.next();
  }

  /** From the moment a connection stands to its end. */
  private async _live(standing: Standing): Promise<void> {
    const since = this._needs.clock.now();
    const code = await standing.over;
    if (this._closed) return;
    if (this._needs.clock.now() - since >= STABLE_MS) this._backoff.reset();
    this._line = undefined;
    if (code === SIGNED_OUT) this._tokens.refuse();
    this._needs.log.info(`the agent socket closed with ${code}`);
    this._listener.onDisconnected(code === SIGNED_OUT ? "invalidToken" : "connectionIssue");
  }

  private _note(error: unknown): undefined {
    this._needs.log.info("the agent socket could not be opened", error);
    if (error instanceof Refused && isFinal(error)) {
      this._tokens.refuse();
      this._listener.onEvent({ event: "signedOut", ...error.verdict });
      this._listener.onDisconnected("invalidToken");
    }
    if (this._tokens.refused) this._turnAway(FAILURES.tokenRefused);
  }

  private _turnAway(verdict: Verdict): void {
    for (const waiting of this._waiting.splice(0)) waiting.reject(new Refused(verdict));
  }

  private async _wait(milliseconds: number): Promise<void> {
    this._pause = nap(this._needs.clock, milliseconds);
    await this._pause.over;
    this._pause = undefined;
  }

  /** One try. Resolves when the server has answered `hello`. */
  private async _connect(): Promise<Standing> {
    const { token, server } = await this._tokens.next();
    this._server = server;
    const { line, opened, over } = this._open(server);
    try {
      await Promise.race([opened, over.then(() => Promise.reject(new LineLost()))]);
      this._greet(line, readWelcome(await line.request("hello", this._hello(token))));
    } catch (error) {
      line.end();
      throw error;
    }
    return { over };
  }

  private _open(server: ServerAddress): Opening {
    let opened: () => void = () => undefined;
    let closed: (code: number) => void = () => undefined;
    const opening = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const over = new Promise<number>((resolve) => {
      closed = resolve;
    });
    const line = new Line(this._needs, server.agent, {
      onOpen: () => opened(),
      onEvent: (event) => this._hear(line, event),
      onClosed: (code) => closed(code),
    });
    return { line, opened: opening, over };
  }

  private _hello(token: string): object {
    return {
      version: VERSION,
      token,
      ...(this._needs.displayName === undefined ? {} : { displayName: this._needs.displayName }),
      ...(this._welcome === undefined ? {} : { agentId: this._welcome.agentId }),
    };
  }

  private _greet(line: Line, welcome: Welcome | undefined): void {
    if (welcome === undefined)
      throw raise(FAILURES.agentFailed, "The server's welcome is unreadable.");
    if (this._closed || this._asleep) throw new LineLost();
    const resumed = this._welcome?.agentId === welcome.agentId;
    this._welcome = welcome;
    this._next = welcome.next;
    this._line = line;
    this._listener.onConnected({ resumed });
    for (const waiting of this._waiting.splice(0)) waiting.resolve(line);
  }

  private _hear(line: Line, event: ServerEvent): void {
    if (event.event === "tokenExpiring") void this._renew(line);
    else this._listener.onEvent(event);
  }

  /** Bring the server a newer token. A credential may need several asks before it has one. */
  private async _renew(line: Line): Promise<void> {
    while (this._line === line && !this._closed) {
      const token = await this._tokens.newer();
      if (token !== undefined && (await this._bring(line, token))) return;
      await nap(this._needs.clock, NEW_TOKEN_MS).over;
    }
  }

  private async _bring(line: Line, token: string): Promise<boolean> {
    try {
      await line.request("refreshToken", { token });
      this._tokens.took(token);
      return true;
    } catch (error) {
      this._needs.log.warning("the server did not take the new token", error);
      return false;
    }
  }
}

/** Whether trying the same again cannot help. */
function isFinal(error: unknown): boolean {
  if (error instanceof Refused) return error.verdict.code === NOT_A_USER;
  return error instanceof CommunicationServicesError;
}
