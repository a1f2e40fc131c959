/** Kinds of objects, for apps that compare them with names instead of words. */

/** The kinds of calls. No server of this version has calls of Teams. */
export const CallKind = { Call: "Call", TeamsCall: "TeamsCall" } as const;
/** The kind of a call. */
export type CallKind = (typeof CallKind)[keyof typeof CallKind];

/** The kinds of calls that ring. No server of this version has calls of Teams. */
export const IncomingCallKind = {
  IncomingCall: "IncomingCall",
  TeamsIncomingCall: "TeamsIncomingCall",
} as const;
/** The kind of a call that rings. */
export type IncomingCallKind = (typeof IncomingCallKind)[keyof typeof IncomingCallKind];

/** The kinds of call agents. No server of this version has agents of Teams. */
export const CallAgentKind = { CallAgent: "CallAgent", TeamsCallAgent: "TeamsCallAgent" } as const;
/** The kind of a call agent. */
export type CallAgentKind = (typeof CallAgentKind)[keyof typeof CallAgentKind];
