/** A server that speaks the agent socket's protocol by its public schemas, over a real WebSocket. */
import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type WebSocket, WebSocketServer } from "ws";
import type { OpenSocket } from "../../src/signalling/socket.js";
import { openNodeSocket } from "./socket.js";
import { userToken } from "./token.js";

const SCHEMAS = fileURLToPath(new URL("../../../../specs/calling/", import.meta.url));
const ajv = new Ajv2020({ strict: false });
for (const file of readdirSync(SCHEMAS)) {
  const schema = JSON.parse(readFileSync(SCHEMAS + file, "utf8")) as object;
  ajv.addSchema(schema, file.replace(/\.json$/, ""));
}

/** Throws when a message has not the shape that the protocol's schema gives it. */
export function checkMessage(name: string, message: unknown): void {
  if (!ajv.validate(name, message)) throw new Error(`${name}: ${ajv.errorsText()}`);
}

/** A message of the client with what the test may do about it. */
export interface Request {
  readonly op: string;
  readonly fields: Readonly<Record<string, unknown>>;
  answer(ok: object): void;
  refuse(code: number, subCode: number): void;
}

/** Answers hello and ping by itself; everything else is the test's to answer. */
export class FakeServer {
  /** Every request in the order of its arrival. */
  readonly requests: Request[] = [];
  /** The addresses that connections were opened with. */
  readonly targets: string[] = [];
  /** Ops that are not answered by the server itself. */
  readonly silent = new Set<string>();
  refusal: { code: number; subCode: number } | undefined;
  private _agents = 0;
  private _tickets = 1;
  private _seq = 0;
  private _socket: WebSocket | undefined;
  private _waiting: { op: string; resolve: (request: Request) => void }[] = [];
  private readonly _taken = new Set<Request>();

  private constructor(private readonly _server: WebSocketServer) {
    _server.on("connection", (socket, { url }) => {
      this.targets.push(url ?? "");
      this._socket = socket;
      socket.on("message", (data) => this._hear(socket, String(data)));
    });
  }

  static async start(): Promise<FakeServer> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await new Promise((resolve) => server.once("listening", resolve));
    return new FakeServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this._server.address() as AddressInfo).port}`;
  }

  /** A user token that names this server. */
  token(user = "ada"): string {
    return userToken({ iss: this.url, skypeid: `acs:resource_${user}` });
  }

  readonly open: OpenSocket = openNodeSocket;

  /** The next request with this op that no test has taken yet. */
  next(op: string): Promise<Request> {
    const found = this.requests.find((one) => one.op === op && !this._taken.has(one));
    if (found !== undefined) {
      this._taken.add(found);
      return Promise.resolve(found);
    }
    return new Promise((resolve) => this._waiting.push({ op, resolve }));
  }

  /** Tell the client something. */
  tell(event: string, fields: object = {}): void {
    this._seq += 1;
    const message = { event, seq: this._seq, ...fields };
    checkMessage(`event.${event}`, message);
    this.say(JSON.stringify(message));
  }

  /** Send any text. */
  say(text: string): void {
    this._socket?.send(text);
  }

  /** Cut the connection without a word. */
  drop(): void {
    this._socket?.terminate();
  }

  /** Close the connection with a code. */
  close(code: number): void {
    this._socket?.close(code);
  }

  async stop(): Promise<void> {
    for (const client of this._server.clients) client.terminate();
    await new Promise((resolve) => this._server.close(resolve));
  }

  private _hear(socket: WebSocket, text: string): void {
    const { id, op, ...fields } = JSON.parse(text) as { id: number; op: string };
    checkMessage(`request.${op}`, { id, op, ...fields });
    const send = (message: object): void => socket.send(JSON.stringify({ id, ...message }));
    const request: Request = {
      op,
      fields,
      answer: (ok) => {
        const told = this._withTickets(ok, fields);
        checkMessage(`answer.${op}`, { id, ok: told });
        send({ ok: told });
      },
      refuse: (code, subCode) => send({ error: { code, subCode, message: `${code}/${subCode}` } }),
    };
    this.requests.push(request);
    if (!this.silent.has(op)) this._answer(socket, request);
    const waiting = this._waiting.find((one) => one.op === op);
    this._waiting = this._waiting.filter((one) => one !== waiting);
    if (waiting === undefined) return;
    this._taken.add(request);
    waiting.resolve(request);
  }

  /** Whoever enters a call with a ticket that he was told has it, and is told another. */
  private _withTickets(ok: object, { ticket }: { readonly ticket?: unknown }): object {
    if (!("media" in ok) || ticket === undefined) return ok;
    this._tickets += 1;
    const path = "/calling/v1/media";
    return { ...ok, media: { path, ticket }, next: { path, ticket: `ticket-${this._tickets}` } };
  }

  private _answer(socket: WebSocket, request: Request): void {
    if (request.op === "ping" || request.op === "leave") request.answer({});
    if (request.op === "goodbye") {
      request.answer({});
      socket.close(1000);
    }
    if (request.op !== "hello") return;
    if (this.refusal !== undefined) {
      request.refuse(this.refusal.code, this.refusal.subCode);
      socket.close(4401);
      return;
    }
    request.answer(this._welcome(request.fields["agentId"]));
  }

  private _welcome(known: unknown): object {
    this._agents += 1;
    return {
      version: 1,
      agentId: typeof known === "string" ? known : `agent-${this._agents}`,
      rawId: "8:acs:resource_ada",
      displayName: "Ada",
      expiresOn: "2026-11-23T09:00:00+00:00",
      serverTime: "2026-11-22T09:00:00+00:00",
      next: { path: "/calling/v1/media", ticket: "ticket-1" },
    };
  }
}
