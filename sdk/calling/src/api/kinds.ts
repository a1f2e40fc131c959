/** Kinds of objects, for apps that compare them with names instead of words. */

/** The kinds of calls. */
export const CallKind = { Call: "Call" } as const;
/** The kind of a call. */
export type CallKind = (typeof CallKind)[keyof typeof CallKind];

/** The kinds of calls that ring. */
export const IncomingCallKind = { IncomingCall: "IncomingCall" } as const;
/** The kind of a call that rings. */
export type IncomingCallKind = (typeof IncomingCallKind)[keyof typeof IncomingCallKind];

/** The kinds of call agents. */
export const CallAgentKind = { CallAgent: "CallAgent" } as const;
/** The kind of a call agent. */
export type CallAgentKind = (typeof CallAgentKind)[keyof typeof CallAgentKind];
