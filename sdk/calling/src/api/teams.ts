/** Calls of Teams, which no server of this version has: the names that apps' own types mention. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  CallAgentCommon,
  ConnectionStateChangedEventArgs,
  IncomingCallCommon,
} from "./agent.js";
import type { AcceptCallOptions, CallCommon, CallInfoCommon, JoinCallOptions } from "./call.js";
import type { CaptionsCommon, CaptionsEvents, ParticipantInfo } from "./captions.js";
import type { CollectionUpdate, PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallAgentKind, CallKind, IncomingCallKind } from "./kinds.js";
import type { RemoteParticipant } from "./participants.js";

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
  readonly kind: CallKind.TeamsCall;
  readonly info: TeamsCallInfo;
  readonly isEmergencyCall: boolean;
  addParticipant(
    participant: CommunicationIdentifier,
    options?: AddTeamsParticipantOptions,
  ): RemoteParticipant;
  removeParticipant(participant: CommunicationIdentifier): Promise<void>;
}

/** How somebody is added to a call of Teams. */
export interface AddTeamsParticipantOptions {
  threadId?: string | undefined;
}

/** How a call of Teams is made. */
export interface StartTeamsCallOptions extends JoinCallOptions {
  threadId?: string | undefined;
}

/** How a call of several users of Teams is made. */
export interface StartTeamsGroupCallOptions extends JoinCallOptions {
  threadId: string;
}

/** A call of Teams that rings. */
export interface TeamsIncomingCall extends IncomingCallCommon {
  readonly kind: IncomingCallKind.TeamsIncomingCall;
  readonly info: TeamsCallInfo;
  accept(options?: AcceptCallOptions): Promise<TeamsCall>;
}

/** The events of an agent of a user of Teams. */
export interface TeamsCallAgentEvents {
  callsUpdated: [update: CollectionUpdate<TeamsCall>];
  connectionStateChanged: [change: ConnectionStateChangedEventArgs];
  incomingCall: [arrival: { incomingCall: TeamsIncomingCall }];
}

/** An agent of a user of Teams. */
export interface TeamsCallAgent extends CallAgentCommon, Subscribable<TeamsCallAgentEvents> {
  readonly kind: CallAgentKind.TeamsCallAgent;
  readonly calls: ReadonlyArray<TeamsCall>;
  join(
    locator: TeamsMeetingLinkLocator | TeamsMeetingIdLocator,
    options?: JoinCallOptions,
  ): TeamsCall;
  startCall(participant: CommunicationIdentifier, options?: StartTeamsCallOptions): TeamsCall;
  startCall(
    participants: CommunicationIdentifier[],
    options: StartTeamsGroupCallOptions,
  ): TeamsCall;
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
