/** The user tokens of an agent, and the server that they name. */
import type { CommunicationTokenCredential } from "@azure/communication-common";
import { type Clock, nap } from "../kernel/clock.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { claimsOf } from "./claims.js";
import { type ServerAddress, serverAt } from "./server-address.js";

const CREDENTIAL_MS = 20_000;

/** What tokens come from. */
export interface TokenNeeds {
  readonly credential: CommunicationTokenCredential;
  readonly proxy: string | undefined;
  readonly clock: Clock;
}

/** A token and where it is good. */
export interface Pass {
  readonly token: string;
  readonly server: ServerAddress;
}

/** Asks the app's credential anew each time, and remembers what the server refused. */
export class Tokens {
  private _last: string | undefined;
  private _refused: string | undefined;

  constructor(private readonly _needs: TokenNeeds) {}

  /** Whether the server has refused the last token. */
  get refused(): boolean {
    return this._refused !== undefined && this._refused === this._last;
  }

  /** The server has refused the last token: only another one is worth trying. */
  refuse(): void {
    this._refused = this._last;
  }

  /** The token to connect with. Rejects when there is none, or only one that was refused. */
  async next(): Promise<Pass> {
    const token = await this._ask();
    const server = this._server(token);
    if (token === this._refused) throw raise(FAILURES.tokenRefused);
    this._last = token;
    return { token, server };
  }

  /** A token other than the last one; undefined when the credential has none yet. */
  async newer(): Promise<string | undefined> {
    const token = await this._ask().catch(() => undefined);
    return token === this._last ? undefined : token;
  }

  /** The server has taken a newer token. */
  took(token: string): void {
    this._last = token;
  }

  private async _ask(): Promise<string> {
    const late = nap(this._needs.clock, CREDENTIAL_MS);
    const asked = this._needs.credential.getToken().then(({ token }) => token);
    const token = await Promise.race([asked, late.over.then(() => undefined)]).catch(
      (error: unknown) => {
        throw raise(FAILURES.agentFailed, `The credential gave no token: ${wordsOf(error)}`);
      },
    );
    late.wake();
    if (token === undefined)
      throw raise(FAILURES.agentFailed, "The credential gave no token in time.");
    return token;
  }

  private _server(token: string): ServerAddress {
    const claims = claimsOf(token);
    const address = this._needs.proxy ?? claims?.issuer;
    const server = address === undefined ? undefined : serverAt(address);
    if (server !== undefined) return server;
    if (claims === undefined) throw raise(FAILURES.tokenRefused, "This is not a user token.");
    throw raise(
      FAILURES.agentFailed,
      "The token does not say where its server is. Use a token of an OpenRooms server, " +
        "or name the server in networkConfiguration.proxy.url.",
    );
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
