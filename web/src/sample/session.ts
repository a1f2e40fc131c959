/** One stay in a room: the agent that opens it, the call, and how both end. */
import type { Call, CallAgent, CallClient, LocalVideoStream } from "@openrooms/calling";
import { type CallLink, expiryOf } from "../shared/link.js";
import type { EndCode } from "../shared/reasons.js";
import { codeOf } from "../shared/troubles.js";
import { type ConnectionWatch, watchConnection } from "./connection.js";

/** What is needed to come in. */
export interface Entry {
  readonly link: CallLink;
  readonly muted: boolean;
  readonly stream: LocalVideoStream | undefined;
}

/** Told how the stay goes. */
export interface SessionListener {
  connected(call: Call, watch: ConnectionWatch): void;
  ended(end: EndCode): void;
}

/** Comes in once, and tells once how it ended. */
export class Session {
  private _agent: CallAgent | undefined;
  private _call: Call | undefined;
  private _over = false;
  private _seenConnected = false;

  constructor(
    private readonly _client: CallClient,
    private readonly _listener: SessionListener,
  ) {}

  /** Come in. Whatever happens is told to the listener; nothing is thrown. */
  async enter(entry: Entry): Promise<void> {
    try {
      const { link } = entry;
      const agent = await this._client.createCallAgent(
        credential(link.token),
        agentOptions(link.name),
      );
      this._agent = agent;
      if (this._over) {
        await this._close();
        return;
      }
      this._follow(join(agent, entry));
    } catch (error) {
      await this._end(codeOf(error));
    }
  }

  /** Leave, at any moment, also while still coming in. */
  async leave(): Promise<void> {
    if (this._call === undefined) await this._end({ code: 0, subCode: 0 });
    else await this._call.hangUp();
  }

  /** The page goes away: the SDK says goodbye by itself, and how it ends is told to nobody. */
  goAway(): void {
    this._over = true;
    this._call?.off("stateChanged", this._stateChanged);
  }

  private _follow(call: Call): void {
    this._call = call;
    call.on("stateChanged", this._stateChanged);
    this._stateChanged();
  }

  private readonly _stateChanged = (): void => {
    const call = this._call;
    const agent = this._agent;
    if (call === undefined || agent === undefined || this._over) return;
    if (call.state === "Connected" && !this._seenConnected) {
      this._seenConnected = true;
      this._listener.connected(call, watchConnection(agent));
    }
    if (call.state !== "Disconnected") return;
    const { code = 0, subCode = 0 } = call.callEndReason ?? {};
    void this._end({ code, subCode });
  };

  private async _end(end: EndCode): Promise<void> {
    if (this._over) return;
    this._over = true;
    this._listener.ended(end);
    await this._close();
  }

  private async _close(): Promise<void> {
    this._call?.off("stateChanged", this._stateChanged);
    const agent = this._agent;
    this._agent = undefined;
    try {
      await agent?.dispose();
    } catch {
      // Already gone, with its connection: nothing is left to close.
    }
  }
}

function join(agent: CallAgent, entry: Entry): Call {
  const videoOptions = entry.stream && { localVideoStreams: [entry.stream] };
  return agent.join(
    { roomId: entry.link.roomId },
    { audioOptions: { muted: entry.muted }, ...(videoOptions && { videoOptions }) },
  );
}

function agentOptions(name: string): { displayName?: string } {
  return name === "" ? {} : { displayName: name };
}

/** The link's token for the SDK; a page has no way to renew it. */
function credential(token: string) {
  const access = { token, expiresOnTimestamp: expiryOf(token) };
  return { getToken: () => Promise.resolve(access), dispose: () => undefined };
}
