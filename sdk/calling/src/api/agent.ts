/** The agent that joins calls, and what it is made from. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type { AzureLogger } from "@azure/logger";
import type {
  AcceptCallOptions,
  Call,
  CallEndReason,
  CallerInfo,
  CallInfo,
  GroupCallLocator,
  JoinCallOptions,
  RoomCallLocator,
  StartCallOptions,
} from "./call.js";
import type { CollectionUpdate, Subscribable } from "./events.js";
import type { CallAgentKind, IncomingCallKind } from "./kinds.js";
import type { TeamsMeetingIdLocator, TeamsMeetingLinkLocator } from "./locators.js";
import type { CustomContext } from "./phones.js";

/** A server under another address. */
export interface ProxyConfiguration {
  url: string;
}

/** A relay of media, and how to be let in there. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** Relays of media of one's own. */
export interface TurnConfiguration {
  iceServers: IceServer[];
}

/** Where the SDK finds its server when it shall not be read from the token. */
export interface NetworkConfiguration {
  /** Reach the server under this address instead of the one that the token names. */
  proxy?: ProxyConfiguration | undefined;
  /** Relays that media may take, in place of those that the server names. */
  turn?: TurnConfiguration | undefined;
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

/** Where the app's user is in an emergency. This version calls no telephones, so it goes nowhere. */
export interface EmergencyCallOptions {
  countryCode?: string | undefined;
}

/** What a call agent may be made with. */
export interface CallAgentOptions {
  /** The name that the others see. */
  displayName?: string | undefined;
  emergencyCallOptions?: EmergencyCallOptions | undefined;
}

/** What an agent for Teams would be made with. */
export interface TeamsCallAgentOptions {
  emergencyCallOptions?: EmergencyCallOptions | undefined;
}

/** Whether the agent is in touch with its server. */
export type ConnectionState = "Connected" | "Disconnected";

/** Why an agent lost touch with its server. */
export type ConnectionStateChangedReason = "invalidToken" | "connectionIssue";

/** The new connection state and the old one. */
export interface ConnectionStateChangedEventArgs {
  newValue: ConnectionState;
  oldValue: ConnectionState;
  reason?: ConnectionStateChangedReason;
}

/** The events of a call that rings. */
export interface IncomingCallEvents {
  /** It rings no more: the caller gave up, another device answered, or nobody did in time. */
  callEnded: [end: { callEndReason: CallEndReason }];
  callerInfoChanged: [];
  /** Nothing of this version hands calls over: it never happens. */
  transferorInfoChanged: [];
}

/** What all calls that ring have. */
export interface IncomingCallCommon extends Subscribable<IncomingCallEvents> {
  readonly kind: IncomingCallKind;
  /** The id that the call has once it is accepted. */
  readonly id: string;
  readonly callerInfo: CallerInfo;
  /** Who handed the call over: nobody in this version. */
  readonly transferorInfo?: CallerInfo | undefined;
  /** What the caller's app gave along. */
  readonly customContext?: CustomContext | undefined;
  readonly callEndReason?: CallEndReason | undefined;
  /** Decline at this device. Rejects with 400/41007 when it rings no more. */
  reject(): Promise<void>;
}

/** A call that rings. Rooms do not ring. */
export interface IncomingCall extends IncomingCallCommon {
  readonly kind: IncomingCallKind.IncomingCall;
  readonly info: CallInfo;
  /** Answer. Rejects with 400/41006 when it rings no more. */
  accept(options?: AcceptCallOptions): Promise<Call>;
}

/** A call that could not be taken, as push messages tell it. */
export interface HandleIncomingCallEventArgs {
  readonly callId: string;
  readonly participantId: string;
  readonly code: number;
  readonly subCode: number;
}

/** The events of a call agent. */
export interface CallAgentEvents {
  callsUpdated: [update: CollectionUpdate<Call>];
  connectionStateChanged: [change: ConnectionStateChangedEventArgs];
  incomingCall: [arrival: { incomingCall: IncomingCall }];
  /** Nothing of this version comes by push message: it never happens. */
  handleIncomingCall: [failure: HandleIncomingCallEventArgs];
}

/** What all call agents have. */
export interface CallAgentCommon {
  readonly kind: CallAgentKind;
  readonly connectionState: ConnectionState;
  /** Leave all calls and end the connection. */
  dispose(): Promise<void>;
}

/** Joins, makes and takes calls for one user. */
export interface CallAgent extends CallAgentCommon, Subscribable<CallAgentEvents> {
  readonly kind: CallAgentKind.CallAgent;
  readonly displayName?: string | undefined;
  /** The calls that have not ended. */
  readonly calls: ReadonlyArray<Call>;
  /**
   * Join a room, or a group call. The call is returned at once; that it was refused shows as the
   * state `Disconnected` with a `callEndReason`. Throws 400/10044 for a group id that is no GUID,
   * and 400/49004 for a meeting of Teams.
   */
  join(
    locator: RoomCallLocator | GroupCallLocator | TeamsMeetingLinkLocator | TeamsMeetingIdLocator,
    options?: JoinCallOptions,
  ): Call;
  /**
   * Call one user, or several. The call is returned at once; that nobody came shows as the state
   * `Disconnected` with a `callEndReason`. Throws 405/49014 for a telephone.
   */
  startCall(participants: CommunicationIdentifier[], options?: StartCallOptions): Call;
}
