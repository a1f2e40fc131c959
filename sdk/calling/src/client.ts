/** Where everything begins: makes call agents and the device manager. */
import type { CommunicationTokenCredential } from "@azure/communication-common";
import type {
  CallAgent,
  CallAgentOptions,
  CallClientOptions,
  TeamsCallAgentOptions,
} from "./api/agent.js";
import type { DeviceManager } from "./api/devices.js";
import type { CallClientFeature, CallClientFeatureFactory } from "./api/features.js";
import type { TeamsCallAgent } from "./api/teams.js";
import { CallAgentObject, type World } from "./call/call-agent.js";
import { DeviceManagerObject } from "./devices/device-manager.js";
import { DebugInfoObject } from "./features/debug-info.js";
import { featureNamed } from "./features/finding.js";
import { systemChance } from "./kernel/chance.js";
import { type Cancel, systemClock } from "./kernel/clock.js";
import { FAILURES, raise } from "./kernel/errors.js";
import { newGuid } from "./kernel/ids.js";
import { defaultLog, type Log } from "./kernel/log.js";
import { browserPage } from "./kernel/page.js";
import { adoptLiveKitLog } from "./media/livekit/log.js";
import { liveKitRooms } from "./media/livekit/room.js";
import { relaysIn } from "./media/relays.js";
import { openBrowserSocket } from "./signalling/socket.js";

/** Users with a call agent in this page: the server would take a second one for another device. */
const agentsByUser = new Map<string, CallAgentObject>();

/** Makes call agents for users, and the device manager. */
export class CallClient {
  private readonly _options: CallClientOptions;
  private readonly _log: Log;
  private _debugInfo: DebugInfoObject | undefined;
  private _deactivate: Cancel = () => undefined;
  private _devices: Promise<DeviceManagerObject> | undefined;
  private _agent: CallAgentObject | "opening" | undefined;

  /** Does nothing on the network. */
  constructor(options?: CallClientOptions) {
    this._options = options ?? {};
    this._log = this._options.logger ?? defaultLog;
  }

  /**
   * Connect a user. Rejects with 401/10009 when the token is not good, and with 409/40228 while
   * there is another agent of this client or user.
   */
  async createCallAgent(
    credential: CommunicationTokenCredential,
    options?: CallAgentOptions,
  ): Promise<CallAgent> {
    if (this._agent !== undefined) throw raise(FAILURES.agentExists);
    this._agent = "opening";
    try {
      const agent = await this._open(credential, options?.displayName);
      this._agent = agent;
      this._deactivate = this._debug().activate();
      return agent;
    } catch (error) {
      this._agent = undefined;
      throw error;
    }
  }

  /** Rejects with 405/49002: no server of this version knows users of Teams. */
  async createTeamsCallAgent(
    _credential: CommunicationTokenCredential,
    _options?: TeamsCallAgentOptions,
  ): Promise<TeamsCallAgent> {
    throw raise(FAILURES.featureNotSupported, "This server knows no users of Teams.");
  }

  /** The device manager: the same one each time, with an agent or without. */
  getDeviceManager(): Promise<DeviceManager> {
    return this._deviceManager();
  }

  /** A feature of the client; the same object each time. Throws when there is no such feature. */
  feature<F extends CallClientFeature>(factory: CallClientFeatureFactory<F>): F {
    return featureNamed(factory?.clientFeatureName, [this._debug()]);
  }

  /** Leave all calls, end the agent's connection, stop watching devices. */
  async dispose(): Promise<void> {
    if (this._agent instanceof CallAgentObject) await this._agent.dispose();
    const devices = await this._devices;
    devices?.dispose();
    this._debugInfo?.dispose();
  }

  /** Made when it is needed first: from then on it is in touch with other tabs. */
  private _debug(): DebugInfoObject {
    this._debugInfo ??= new DebugInfoObject();
    return this._debugInfo;
  }

  private _deviceManager(): Promise<DeviceManagerObject> {
    this._devices ??= DeviceManagerObject.create(this._log);
    return this._devices;
  }

  private async _open(
    credential: CommunicationTokenCredential,
    displayName: string | undefined,
  ): Promise<CallAgentObject> {
    const agent = new CallAgentObject({
      credential,
      displayName,
      world: this._world(),
      proxy: this._options.networkConfiguration?.proxy?.url,
      devices: await this._deviceManager(),
      onDisposed: () => this._forget(agent),
    });
    try {
      await agent.open();
      register(agent);
    } catch (error) {
      await agent.dispose();
      throw error;
    }
    return agent;
  }

  private _world(): World {
    adoptLiveKitLog(this._log);
    return {
      open: openBrowserSocket,
      makeRoom: liveKitRooms(relaysIn(this._options)),
      clock: systemClock,
      chance: systemChance,
      newId: newGuid,
      page: browserPage,
      log: this._log,
    };
  }

  private _forget(agent: CallAgentObject): void {
    if (this._agent === agent) {
      this._agent = undefined;
      this._deactivate();
    }
    for (const [user, one] of agentsByUser) {
      if (one === agent) agentsByUser.delete(user);
    }
  }
}

function register(agent: CallAgentObject): void {
  const { rawId } = agent;
  if (rawId === undefined) return;
  if (agentsByUser.has(rawId)) throw raise(FAILURES.agentExists);
  agentsByUser.set(rawId, agent);
}
