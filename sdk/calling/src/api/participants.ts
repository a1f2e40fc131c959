/** The others in a call. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";
import type { CallEndReason } from "./call.js";
import type { CollectionUpdate, Subscribable } from "./events.js";
import type { RemoteVideoStream } from "./streams.js";

/** The role in a room. `Unknown` until the server has told it. */
export type ParticipantRole =
  | "Unknown"
  | "Attendee"
  | "Presenter"
  | "Organizer"
  | "Co-organizer"
  | "Consumer"
  | "Collaborator";

/** How far somebody else is in the call. */
export type RemoteParticipantState =
  | "Idle"
  | "Connecting"
  | "Ringing"
  | "Connected"
  | "Hold"
  | "InLobby"
  | "EarlyMedia"
  | "Disconnected";

/** One device or tab with which somebody takes part. */
export interface EndpointDetails {
  readonly participantId: string;
}

/** Why a name is another one: the person has chosen another. */
export type DisplayNameChangedReason = "editedDisplayName";

/** The new name of a participant and the old one. */
export interface DisplayNameChangedEventArgs {
  newValue?: string;
  oldValue?: string;
  reason?: DisplayNameChangedReason;
}

/** The events of a remote participant. */
export interface RemoteParticipantEvents {
  stateChanged: [];
  isMutedChanged: [];
  isSpeakingChanged: [];
  displayNameChanged: [change: DisplayNameChangedEventArgs];
  roleChanged: [];
  videoStreamsUpdated: [update: CollectionUpdate<RemoteVideoStream>];
}

/** Somebody else in the call: one object for a person, with however many devices. */
export interface RemoteParticipant extends Subscribable<RemoteParticipantEvents> {
  readonly identifier: CommunicationIdentifierKind;
  readonly displayName?: string | undefined;
  /** Whether the name is not the one with which the participant came. */
  readonly hasDisplayNameChanged?: boolean | undefined;
  readonly state: RemoteParticipantState;
  /** Why somebody who was called did not come. */
  readonly callEndReason?: CallEndReason | undefined;
  readonly videoStreams: ReadonlyArray<RemoteVideoStream>;
  /** Whether nothing is heard from the participant: muted, or no microphone at all. */
  readonly isMuted: boolean;
  readonly isSpeaking: boolean;
  readonly role: ParticipantRole;
  readonly endpointDetails: EndpointDetails[];
  /** Mute this participant, who may unmute himself. Not in a call of two. */
  mute(): Promise<void>;
}
