/** Calls of Teams, which no server of this version has: the names that apps' own types mention. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";
import type { CallAgentCommon, IncomingCallCommon } from "./agent.js";
import type { CallCommon, CallInfoCommon } from "./call.js";
import type { CaptionsCommon, CaptionsEvents, ParticipantInfo } from "./captions.js";
import type { PropertyChangedEvent, Subscribable } from "./events.js";

/** A meeting by its link. */
export interface TeamsMeetingLinkLocator {
  meetingLink: string;
}

/** A meeting by its number. */
export interface TeamsMeetingIdLocator {
  meetingId: string;
  passcode?: string | undefined;
}

/** The ids of a call of Teams. */
export interface TeamsCallInfo extends CallInfoCommon {
  readonly threadId?: string | undefined;
}

/** A call of Teams. */
export interface TeamsCall extends CallCommon {
  readonly kind: "TeamsCall";
  readonly info: TeamsCallInfo;
}

/** A call of Teams that rings. */
export interface TeamsIncomingCall extends IncomingCallCommon {
  readonly kind: "TeamsIncomingCall";
  readonly info: TeamsCallInfo;
}

/** An agent of a user of Teams. */
export interface TeamsCallAgent extends CallAgentCommon {
  readonly kind: "TeamsCallAgent";
  readonly calls: ReadonlyArray<TeamsCall>;
}

/** Something that was said in a meeting. */
export interface TeamsCaptionsInfo {
  readonly timestamp: Date;
  readonly speaker: ParticipantInfo;
  readonly resultType: "Partial" | "Final";
  readonly spokenText: string;
  readonly spokenLanguage: string;
  readonly captionText: string;
  readonly captionLanguage: string;
}

/** The events of captions of a meeting. */
export interface TeamsCaptionsEvents extends Omit<CaptionsEvents, "CaptionsReceived"> {
  CaptionsReceived: [info: TeamsCaptionsInfo];
  CaptionLanguageChanged: Parameters<PropertyChangedEvent>;
}

/** Captions of a meeting. */
export interface TeamsCaptions extends CaptionsCommon, Subscribable<TeamsCaptionsEvents> {
  readonly kind: "TeamsCaptions";
  readonly activeCaptionLanguage: string;
  readonly supportedCaptionLanguages: string[];
  setCaptionLanguage(language: string): Promise<void>;
}

/** Whether a written text may change yet. */
export type RealTimeTextResultType = "Partial" | "Final";

/** Something that is being written. */
export interface RealTimeTextInfo {
  readonly sequenceId: number;
  readonly sender: { readonly identifier?: CommunicationIdentifierKind; displayName?: string };
  readonly text: string;
  readonly resultType: RealTimeTextResultType;
  readonly receivedTimestamp: Date;
  readonly updatedTimestamp: Date;
  readonly isLocal: boolean;
}
