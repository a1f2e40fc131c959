/** One connection of an agent: requests and their answers, events, and whether it is alive. */
import type { Cancel, Clock } from "../kernel/clock.js";
import { readMessage, type ServerEvent, type Verdict } from "./messages.js";
import type { OpenSocket, Socket } from "./socket.js";

const OPEN_MS = 10_000;
const ANSWER_MS = 15_000;
/** After so long without a word a ping is sent; browsers do not show the server's pings. */
const SILENCE_MS = 15_000;
const PING_MS = 5_000;

/** Half of a pair that stands for one character: no text that is sent has it. */
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The code of a connection that ended without a close frame. */
export const LOST = 1006;

/** The server said no. */
export class Refused extends Error {
  constructor(readonly verdict: Verdict) {
    super(verdict.message);
    this.name = "Refused";
  }
}

/** The connection ended, or was silent, before the answer came. The request may be repeated. */
export class LineLost extends Error {
  constructor() {
    super("The connection to the server was lost.");
    this.name = "LineLost";
  }
}

/** What a line tells its owner. */
export interface LineListener {
  onOpen(): void;
  onEvent(event: ServerEvent): void;
  /** The line is over. Called once, and not after `end`. */
  onClosed(code: number): void;
}

/** What a line needs from outside. */
export interface LineNeeds {
  readonly open: OpenSocket;
  readonly clock: Clock;
}

interface Pending {
  readonly answered: (value: unknown) => void;
  readonly failed: (error: Error) => void;
  readonly stop: Cancel;
}

/** One connection, from its opening to its end. It is never opened twice. */
export class Line {
  private readonly _socket: Socket;
  private readonly _pending = new Map<number, Pending>();
  private _lastId = 0;
  private _over = false;
  private _watch: Cancel;

  constructor(
    private readonly _needs: LineNeeds,
    url: string,
    private readonly _listener: LineListener,
  ) {
    this._watch = this._needs.clock.after(OPEN_MS, () => this._close(LOST));
    this._socket = this._needs.open(url, {
      opened: () => this._opened(),
      received: (text) => this._received(text),
      closed: (code) => this._close(code),
    });
  }

  /** Ask the server. Rejects with `Refused` or `LineLost`. */
  request(op: string, fields: object = {}): Promise<unknown> {
    if (this._over) return Promise.reject(new LineLost());
    this._lastId += 1;
    const id = this._lastId;
    return new Promise((answered, failed) => {
      const stop = this._needs.clock.after(ANSWER_MS, () => this._fail(id));
      this._pending.set(id, { answered, failed, stop });
      this._socket.send(JSON.stringify({ id, op, ...fields }, wellFormed));
    });
  }

  /** Find out soon whether the connection still works, because something says it may not. */
  check(): void {
    if (!this._over) this._ping();
  }

  /** End the connection without telling the listener. */
  end(): void {
    if (this._over) return;
    this._finish();
    this._socket.close();
  }

  private _opened(): void {
    if (this._over) return;
    this._heard();
    this._listener.onOpen();
  }

  private _received(text: string): void {
    if (this._over) return;
    this._heard();
    const message = readMessage(text);
    if (message === undefined) return;
    if (message.kind === "event") this._listener.onEvent(message.event);
    else if (message.kind === "refusal") this._take(message.id)?.failed(new Refused(message.why));
    else this._take(message.id)?.answered(message.ok);
  }

  private _heard(): void {
    this._watch();
    this._watch = this._needs.clock.after(SILENCE_MS, () => this._ping());
  }

  private _ping(): void {
    this._watch();
    this._watch = this._needs.clock.after(PING_MS, () => this._close(LOST));
    // Any word is a sign of life, a refusal too; silence is what the watch is for.
    this.request("ping").catch(() => undefined);
  }

  private _take(id: number): Pending | undefined {
    const pending = this._pending.get(id);
    this._pending.delete(id);
    pending?.stop();
    return pending;
  }

  private _fail(id: number): void {
    this._take(id)?.failed(new LineLost());
  }

  private _close(code: number): void {
    if (this._over) return;
    this._finish();
    this._socket.close();
    this._listener.onClosed(code);
  }

  private _finish(): void {
    this._over = true;
    this._watch();
    for (const id of [...this._pending.keys()]) this._fail(id);
  }
}

function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.replace(HALF, "\ufffd") : value;
}
