/** What meetings of Teams have and calls of this server have not. Nothing here ever happens. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type { Call } from "./call.js";
import type { CollectionUpdate, PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";
import type { RemoteVideoStream } from "./streams.js";
import type { TeamsCall } from "./teams.js";

/** Whether a breakout room can be entered. */
export type BreakoutRoomState = "open" | "closed";

/** A room beside a meeting. */
export interface BreakoutRoom {
  readonly displayName: string;
  readonly threadId: string;
  readonly state: BreakoutRoomState;
  readonly autoMoveParticipantToBreakoutRoom: boolean;
  readonly call?: Call | TeamsCall;
  readonly invitees: Invitee[];
  join(): Promise<Call | TeamsCall>;
  returnToMainMeeting(): Promise<Call | TeamsCall>;
}

/** Somebody who may enter a breakout room. */
export interface Invitee {
  readonly identifier: CommunicationIdentifier;
}

/** How breakout rooms are used. */
export interface BreakoutRoomsSettings {
  readonly disableReturnToMainMeeting: boolean;
  readonly roomEndTime?: Date;
}

/** What has changed about breakout rooms. */
export type BreakoutRoomsEventData =
  | AssignedBreakoutRoomsEvent
  | BreakoutRoomsEvent
  | BreakoutRoomsSettingsEvent
  | JoinBreakoutRoomsEvent;

/** The own breakout room is another one. */
export interface AssignedBreakoutRoomsEvent {
  readonly type: "assignedBreakoutRooms";
  readonly data: BreakoutRoom | undefined;
}

/** There are other breakout rooms. */
export interface BreakoutRoomsEvent {
  readonly type: "breakoutRooms";
  readonly data: BreakoutRoom[] | undefined;
}

/** Breakout rooms are used in another way. */
export interface BreakoutRoomsSettingsEvent {
  readonly type: "breakoutRoomsSettings";
  readonly data: BreakoutRoomsSettings | undefined;
}

/** The own call is in a breakout room now. */
export interface JoinBreakoutRoomsEvent {
  readonly type: "join";
  readonly data: Call | TeamsCall;
}

/** Hears what has changed about breakout rooms. */
export type BreakoutRoomsUpdatedListener = (event: BreakoutRoomsEventData) => void;

/** The events of breakout rooms. */
export interface BreakoutRoomsCallFeatureEvents {
  breakoutRoomsUpdated: Parameters<BreakoutRoomsUpdatedListener>;
}

/** Rooms beside a meeting. */
export interface BreakoutRoomsCallFeature
  extends CallFeature,
    Subscribable<BreakoutRoomsCallFeatureEvents> {
  readonly name: "BreakoutRooms";
  readonly assignedBreakoutRooms?: BreakoutRoom;
  readonly breakoutRooms?: BreakoutRoom[];
  readonly breakoutRoomsSettings?: BreakoutRoomsSettings;
}

/** Slides of a meeting. */
export interface PPTLiveCallFeature
  extends CallFeature,
    Subscribable<{ isActiveChanged: Parameters<PropertyChangedEvent> }> {
  readonly name: "PPTLive";
  readonly isActive: boolean;
  readonly target?: HTMLElement;
  readonly activePresenterId?: CommunicationIdentifier;
}

/** Where somebody sits in the picture of all. In pixels. */
export interface TogetherModeSeatingPosition {
  top: number;
  left: number;
  width: number;
  height: number;
}

/** Where everybody sits, by raw id. */
export type TogetherModeSeatingMap = Map<string, TogetherModeSeatingPosition>;

/** The picture of all. */
export type TogetherModeVideoStream = RemoteVideoStream;

/** The size of the picture of all, in pixels. */
export interface TogetherModeSceneSize {
  width: number;
  height: number;
}

/** The events of the picture of all. */
export interface TogetherModeCallFeatureEvents {
  togetherModeStreamsUpdated: [update: CollectionUpdate<TogetherModeVideoStream>];
  togetherModeSceneUpdated: [seats: TogetherModeSeatingMap];
  togetherModeSeatingUpdated: [seats: TogetherModeSeatingMap];
}

/** One picture of all who are in a meeting. */
export interface TogetherModeCallFeature
  extends CallFeature,
    Subscribable<TogetherModeCallFeatureEvents> {
  readonly name: "TogetherMode";
  readonly togetherModeStream: ReadonlyArray<TogetherModeVideoStream>;
  readonly togetherModeSeatingMap: TogetherModeSeatingMap;
  sceneSize: TogetherModeSceneSize;
  start(): Promise<void>;
}

/** A telephone number of a meeting. */
export interface TeamsMeetingAudioConferencingPhoneNumber {
  readonly countryName?: string;
  readonly cityName?: string;
  readonly tollPhoneNumber?: { readonly phoneNumber: string };
  readonly tollFreePhoneNumber?: { readonly phoneNumber: string };
}

/** How to dial in to a meeting. */
export interface TeamsMeetingAudioConferencingDetails {
  readonly phoneConferenceId: string;
  readonly phoneNumbers: TeamsMeetingAudioConferencingPhoneNumber[];
}

/** Dialling in to a meeting. */
export interface TeamsMeetingAudioConferencingCallFeature extends CallFeature {
  readonly name: "TeamsMeetingAudioConferencing";
  getTeamsMeetingAudioConferencingDetails(): Promise<TeamsMeetingAudioConferencingDetails>;
}
