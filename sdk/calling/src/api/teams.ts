/** Calls of Teams, which no server of this version has: the names that apps' own types mention. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  CallAgentCommon,
  ConnectionStateChangedEventArgs,
  IncomingCallCommon,
} from "./agent.js";
import type {
  AcceptCallOptions,
  CallCommon,
  CallerInfo,
  CallInfoCommon,
  JoinCallOptions,
} from "./call.js";
import type { CaptionsCommon, CaptionsEvents } from "./captions.js";
import type { CollectionUpdate, PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallAgentKind, CallKind, IncomingCallKind } from "./kinds.js";
import type { TeamsMeetingIdLocator, TeamsMeetingLinkLocator } from "./locators.js";
import type { RemoteParticipant } from "./participants.js";
import type { CustomContext } from "./phones.js";

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
  customContext?: CustomContext | undefined;
  onBehalfOfOptions?: OnBehalfOfOptions | undefined;
}

/** For whom a call of Teams is made. */
export interface OnBehalfOfOptions {
  userId: CommunicationIdentifier;
}

/** How a call of several users of Teams is made. */
export interface StartTeamsGroupCallOptions extends JoinCallOptions {
  threadId?: string | undefined;
  customContext?: CustomContext | undefined;
  onBehalfOfOptions?: OnBehalfOfOptions | undefined;
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
  startCall(
    participants: CommunicationIdentifier | CommunicationIdentifier[],
    options?: StartTeamsCallOptions | StartTeamsGroupCallOptions,
  ): TeamsCall;
}

/** Something that was said in a meeting. */
export interface TeamsCaptionsInfo {
  readonly timestamp: Date;
  readonly speaker: CallerInfo;
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
