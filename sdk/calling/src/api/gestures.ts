/** Hands, spotlights, reactions, and who may speak and show himself. */
import type {
  CommunicationIdentifier,
  CommunicationIdentifierKind,
  CommunicationUserKind,
  MicrosoftTeamsUserKind,
} from "@azure/communication-common";
import type { Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";

/** Somebody whose hand is up. `order`: 1 for the first. */
export interface RaisedHand {
  readonly identifier: CommunicationUserKind | MicrosoftTeamsUserKind;
  readonly order: number;
}

/** Whose hand went up or down. */
export interface RaisedHandChangedEvent {
  readonly identifier: CommunicationUserKind | MicrosoftTeamsUserKind;
}

/** The events of raised hands. */
export interface RaiseHandCallFeatureEvents {
  raisedHandEvent: [change: RaisedHandChangedEvent];
  loweredHandEvent: [change: RaisedHandChangedEvent];
}

/** Hands that are up. */
export interface RaiseHandCallFeature
  extends CallFeature,
    Subscribable<RaiseHandCallFeatureEvents> {
  readonly name: "RaiseHand";
  raiseHand(): Promise<void>;
  lowerHand(): Promise<void>;
  lowerHands(participants: CommunicationIdentifier[]): Promise<void>;
  lowerAllHands(): Promise<void>;
  /** The hands that are up, the first one first; the own among them. */
  getRaisedHands(): RaisedHand[];
}

/** Somebody who is shown to everyone. */
export interface SpotlightedParticipant {
  readonly identifier: CommunicationIdentifierKind;
  readonly order?: number;
}

/** The events of spotlights. */
export interface SpotlightCallFeatureEvents {
  spotlightChanged: [
    change: { added: SpotlightedParticipant[]; removed: SpotlightedParticipant[] },
  ];
}

/** Who is shown to everyone. Without participants it is about oneself. */
export interface SpotlightCallFeature
  extends CallFeature,
    Subscribable<SpotlightCallFeatureEvents> {
  readonly name: "Spotlight";
  readonly maxParticipantsToSpotlight: number;
  startSpotlight(participants?: CommunicationIdentifier[]): Promise<void>;
  stopSpotlight(participants?: CommunicationIdentifier[]): Promise<void>;
  stopAllSpotlight(): Promise<void>;
  getSpotlightedParticipants(): SpotlightedParticipant[];
}

/** What somebody shows for a moment. */
export type Reaction = "like" | "heart" | "laugh" | "applause" | "surprised";

/** A reaction as it is sent. */
export interface ReactionMessage {
  readonly reactionType: Reaction;
}

/** Who reacts. `identifier` is the raw id as a text: apps use it as a key. */
export interface ReactionEventPayload {
  readonly identifier: CommunicationUserKind | MicrosoftTeamsUserKind;
  readonly reactionMessage: ReactionMessage;
}

/** The events of reactions. */
export interface ReactionCallFeatureEvents {
  /** Somebody reacts; oneself, too. */
  reaction: [event: ReactionEventPayload];
}

/** Reactions. */
export interface ReactionCallFeature extends CallFeature, Subscribable<ReactionCallFeatureEvents> {
  readonly name: "Reaction";
  sendReaction(message: ReactionMessage): Promise<void>;
}

/** Whether somebody may speak and show himself. */
export interface MediaAccess {
  readonly participant: CommunicationIdentifierKind;
  readonly isAudioPermitted: boolean;
  readonly isVideoPermitted: boolean;
}

/** Whether attendees may speak and show themselves. */
export interface MeetingMediaAccess {
  readonly isAudioPermitted: boolean;
  readonly isVideoPermitted: boolean;
}

/** The events of media access. */
export interface MediaAccessCallFeatureEvents {
  mediaAccessChanged: [change: { mediaAccesses: MediaAccess[] }];
  meetingMediaAccessChanged: [change: { meetingMediaAccess: MeetingMediaAccess }];
}

/** Who may speak and show himself: of attendees alone it can be taken. */
export interface MediaAccessCallFeature
  extends CallFeature,
    Subscribable<MediaAccessCallFeatureEvents> {
  readonly name: "MediaAccess";
  permitAudio(participants: CommunicationIdentifier[]): Promise<void>;
  forbidAudio(participants: CommunicationIdentifier[]): Promise<void>;
  permitVideo(participants: CommunicationIdentifier[]): Promise<void>;
  forbidVideo(participants: CommunicationIdentifier[]): Promise<void>;
  permitOthersAudio(): Promise<void>;
  forbidOthersAudio(): Promise<void>;
  permitOthersVideo(): Promise<void>;
  forbidOthersVideo(): Promise<void>;
  getAllOthersMediaAccess(): MediaAccess[];
  getMeetingMediaAccess(): MeetingMediaAccess;
}
