/** The agent that joins calls, and what it is made from. */
import type { AzureLogger } from "@azure/logger";
import type {
  Call,
  CallEndReason,
  CallerInfo,
  CallInfo,
  GroupCallLocator,
  JoinCallOptions,
  RoomCallLocator,
} from "./call.js";
import type { CollectionUpdate, Subscribable } from "./events.js";

/** Where the SDK finds its server when it shall not be read from the token. */
export interface NetworkConfiguration {
  /** Reach the server under this address instead of the one that the token names. */
  proxy?: { url: string } | undefined;
}

/** Which app this is; written to the log. */
export interface DiagnosticOptions {
  appName?: string | undefined;
  appVersion?: string | undefined;
  tags?: string[] | undefined;
}

/** What a call client may be made with. Unknown keys are ignored. */
export interface CallClientOptions {
  logger?: AzureLogger | undefined;
  diagnostics?: DiagnosticOptions | undefined;
  networkConfiguration?: NetworkConfiguration | undefined;
}

/** What a call agent may be made with. */
export interface CallAgentOptions {
  /** The name that the others see. */
  displayName?: string | undefined;
}

/** Whether the agent is in touch with its server. */
export type ConnectionState = "Connected" | "Disconnected";

/** Why an agent lost touch with its server. */
export type ConnectionStateReason = "invalidToken" | "connectionIssue";

/** The new connection state and the old one. */
export interface ConnectionStateChangedEventArgs {
  newValue: ConnectionState;
  oldValue: ConnectionState;
  reason?: ConnectionStateReason;
}

/** A call that rings. Rooms do not ring, and this version joins rooms only. */
export interface IncomingCall {
  readonly kind: "IncomingCall";
  readonly id: string;
  readonly info: CallInfo;
  readonly callerInfo: CallerInfo;
  readonly callEndReason?: CallEndReason | undefined;
  accept(options?: JoinCallOptions): Promise<Call>;
  reject(): Promise<void>;
}

/** The events of a call agent. */
export interface CallAgentEvents {
  callsUpdated: [update: CollectionUpdate<Call>];
  connectionStateChanged: [change: ConnectionStateChangedEventArgs];
  /** Does not fire in this version. */
  incomingCall: [arrival: { incomingCall: IncomingCall }];
}

/** Joins calls for one user. */
export interface CallAgent extends Subscribable<CallAgentEvents> {
  readonly kind: "CallAgent";
  /** The calls that have not ended. */
  readonly calls: ReadonlyArray<Call>;
  readonly displayName?: string | undefined;
  readonly connectionState: ConnectionState;
  /**
   * Join a room, or a group call. The call is returned at once; that it was refused shows as the
   * state `Disconnected` with a `callEndReason`. Throws 400/10044 for a group id that is no GUID.
   */
  join(locator: RoomCallLocator | GroupCallLocator, options?: JoinCallOptions): Call;
  /** Leave all calls and end the connection. */
  dispose(): Promise<void>;
}
