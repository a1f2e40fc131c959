/**
 * Kinds of objects, for apps that compare them with names instead of words. Each is a value, a type
 * of all its kinds, and a namespace with a type for each: as an enumeration is.
 */

/** The kinds of calls. No server of this version has calls of Teams. */
export const CallKind = { Call: "Call", TeamsCall: "TeamsCall" } as const;
/** The kind of a call. */
export type CallKind = CallKind.Call | CallKind.TeamsCall;
export declare namespace CallKind {
  /** One of the own calls. */
  type Call = "Call";
  /** A call of Teams. */
  type TeamsCall = "TeamsCall";
}

/** The kinds of calls that ring. No server of this version has calls of Teams. */
export const IncomingCallKind = {
  IncomingCall: "IncomingCall",
  TeamsIncomingCall: "TeamsIncomingCall",
} as const;
/** The kind of a call that rings. */
export type IncomingCallKind = IncomingCallKind.IncomingCall | IncomingCallKind.TeamsIncomingCall;
export declare namespace IncomingCallKind {
  /** A call that rings. */
  type IncomingCall = "IncomingCall";
  /** A call of Teams that rings. */
  type TeamsIncomingCall = "TeamsIncomingCall";
}

/** The kinds of call agents. No server of this version has agents of Teams. */
export const CallAgentKind = { CallAgent: "CallAgent", TeamsCallAgent: "TeamsCallAgent" } as const;
/** The kind of a call agent. */
export type CallAgentKind = CallAgentKind.CallAgent | CallAgentKind.TeamsCallAgent;
export declare namespace CallAgentKind {
  /** An agent of one of the own users. */
  type CallAgent = "CallAgent";
  /** An agent of a user of Teams. */
  type TeamsCallAgent = "TeamsCallAgent";
}

/** What a browser says of a device before anybody asks for it. */
export const DevicePermissionAccess = {
  Granted: "granted",
  Denied: "denied",
  Prompt: "prompt",
} as const;
/** Whether a device may be used; `Prompt`: the person will be asked. */
export type DevicePermissionAccess =
  | DevicePermissionAccess.Granted
  | DevicePermissionAccess.Denied
  | DevicePermissionAccess.Prompt;
export declare namespace DevicePermissionAccess {
  /** It may be used. */
  type Granted = "granted";
  /** It may not. */
  type Denied = "denied";
  /** The person will be asked. */
  type Prompt = "prompt";
}
