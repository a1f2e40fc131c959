/** A call: its state, what it sends, who is in it. */

import type {
  CommunicationIdentifier,
  CommunicationIdentifierKind,
  PhoneNumberIdentifier,
} from "@azure/communication-common";
import type { LocalAudioStream } from "../streams/local-audio-stream.js";
import type { LocalVideoStream } from "../streams/local-video-stream.js";
import type { CollectionUpdate, Subscribable } from "./events.js";
import type { CallFeature, CallFeatureFactory } from "./features.js";
import type { CallKind } from "./kinds.js";
import type { Lobby } from "./lobby.js";
import type { ParticipantRole, RemoteParticipant } from "./participants.js";
import type { AddPhoneNumberOptions, CustomContext, DtmfTone } from "./phones.js";
import type { RemoteAudioStream } from "./sound.js";

/** How far a call is. It only moves forward. */
export type CallState =
  | "None"
  | "Connecting"
  | "Ringing"
  | "EarlyMedia"
  | "Connected"
  | "LocalHold"
  | "RemoteHold"
  | "InLobby"
  | "Disconnecting"
  | "Disconnected";

/** Which side began the call. Joining counts as outgoing. */
export type CallDirection = "Incoming" | "Outgoing";

/** How the end of a call is counted. */
export type CallResultCategory =
  | "Success"
  | "ExpectedError"
  | "UnexpectedClientError"
  | "UnexpectedServerError";

/** Why a call ended: 0/0 after an own `hangUp`, else one of the documented codes. */
export interface CallEndReason {
  readonly code: number;
  readonly subCode?: number;
  /** The reason in words, for a log. */
  readonly message?: string;
  readonly resultCategories?: CallResultCategory[];
}

/** Who called. */
export interface CallerInfo {
  readonly identifier?: CommunicationIdentifierKind | undefined;
  readonly displayName?: string | undefined;
}

/** The ids that all calls have. */
export interface CallInfoCommon {
  /** Always undefined: calls of this version have no chat of Teams. */
  readonly threadId?: string | undefined;
  /** The own endpoint in the call; empty until the server has admitted it. */
  readonly participantId: string;
  /** The id by which a server knows the call. Waits until it is known. */
  readonly getServerCallId: () => Promise<string>;
  /** Tell when the ids have changed. */
  readonly onCallInfoChanged: (event: "callInfoChanged", listener: () => void) => void;
  readonly offCallInfoChanged: (event: "callInfoChanged", listener: () => void) => void;
}

/** The ids of a call. */
export interface CallInfo extends CallInfoCommon {
  /** The room of the call, if it is one of a room. */
  readonly roomId?: string | undefined;
  /** The group id of the call, if it is one of a group. */
  readonly groupId?: string | undefined;
}

/** What to do with the microphone when the call starts: the default one, unmuted, when left out. */
export interface AudioOptions {
  muted?: boolean | undefined;
  /** What to speak with; the first one counts. */
  localAudioStreams?: LocalAudioStream[] | undefined;
}

/** What to show when the call starts: nothing when left out. */
export interface VideoOptions {
  localVideoStreams?: LocalVideoStream[] | undefined;
  /** Up to how much of the camera is sent; `setConstraints` changes it. */
  constraints?: VideoConstraints | undefined;
}

/** Up to how much something goes: 0 lifts the limit, and without a number it stays as it is. */
export interface MediaConstraintRange {
  max?: number | undefined;
}

/** How much of a picture is sent. Pixels, pictures and bits per second. */
export interface VideoSendConstraints {
  frameHeight?: MediaConstraintRange | undefined;
  frameRate?: MediaConstraintRange | undefined;
  bitrate?: MediaConstraintRange | undefined;
}

/** How much of pictures is sent. */
export interface VideoConstraints {
  send?: VideoSendConstraints | undefined;
}

/** What `setConstraints` limits. */
export interface CallConstraints {
  video?: VideoConstraints | undefined;
}

/** How to join. */
export interface JoinCallOptions {
  audioOptions?: AudioOptions | undefined;
  videoOptions?: VideoOptions | undefined;
}

/** How to answer a call that rings. */
export type AcceptCallOptions = JoinCallOptions;

/** How to call others. */
export interface StartCallOptions extends JoinCallOptions {
  /** The number that telephones show; this version calls none. */
  alternateCallerId?: PhoneNumberIdentifier | undefined;
  customContext?: CustomContext | undefined;
}

/** A room to join. */
export interface RoomCallLocator {
  roomId: string;
}

/** The same as `RoomCallLocator`, by its older name. */
export type RoomLocator = RoomCallLocator;

/** A group id to meet under: any GUID that the others know, too. */
export interface GroupCallLocator {
  groupId: string;
}

/** The same as `GroupCallLocator`, by its older name. */
export type GroupLocator = GroupCallLocator;

/** How to leave. */
export interface HangUpOptions {
  /** End the call for everyone. Not available in rooms: rejects, and the call goes on. */
  forEveryone?: boolean | undefined;
}

/** The events of a call. */
export interface CallEvents {
  stateChanged: [];
  idChanged: [];
  isMutedChanged: [];
  isLocalVideoStartedChanged: [];
  isScreenSharingOnChanged: [];
  localVideoStreamsUpdated: [update: CollectionUpdate<LocalVideoStream>];
  remoteParticipantsUpdated: [update: CollectionUpdate<RemoteParticipant>];
  localAudioStreamsUpdated: [update: CollectionUpdate<LocalAudioStream>];
  remoteAudioStreamsUpdated: [update: CollectionUpdate<RemoteAudioStream>];
  isIncomingAudioMutedChanged: [];
  totalParticipantCountChanged: [];
  callerInfoChanged: [];
  /** Nothing of this version hands calls over: it never happens. */
  transferorInfoChanged: [];
  roleChanged: [];
  /** Somebody muted the own microphone; it may be unmuted again. */
  mutedByOthers: [];
  /** Of OpenRooms alone: the call will end for everyone, or (undefined) will not after all. */
  ending: [ending: CallEnding | undefined];
}

/** When a call will end by time, and why. */
export interface CallEnding {
  readonly at: Date;
  readonly reason: string;
}

/** What all calls have. */
export interface CallCommon extends Subscribable<CallEvents> {
  readonly kind: CallKind;
  /** Unique. Changes once, with `idChanged`, when the server has admitted the call. */
  readonly id: string;
  readonly callerInfo: CallerInfo;
  /** Who handed the call over: nobody in this version. */
  readonly transferorInfo?: CallerInfo | undefined;
  readonly state: CallState;
  /** Why the call ended; set before the state becomes `Disconnected`. */
  readonly callEndReason?: CallEndReason | undefined;
  readonly direction: CallDirection;
  /** Whether the own microphone is muted. */
  readonly isMuted: boolean;
  /** Whether the others are not heard here. They are not told. */
  readonly isIncomingAudioMuted: boolean;
  readonly isScreenSharingOn: boolean;
  readonly isLocalVideoStarted: boolean;
  /** What is sent: at most one camera and one screen. */
  readonly localVideoStreams: ReadonlyArray<LocalVideoStream>;
  /** What is spoken with: one stream, muted or not. */
  readonly localAudioStreams: ReadonlyArray<LocalAudioStream>;
  readonly remoteParticipants: ReadonlyArray<RemoteParticipant>;
  /** What the others say, as one stream, once somebody is heard. */
  readonly remoteAudioStreams: ReadonlyArray<RemoteAudioStream>;
  /** How many people are in the call, this one among them; 0 while it is not up. */
  readonly totalParticipantCount: number;
  /** Who waits to be let in: always nobody. */
  readonly lobby: Lobby;
  /** The own role in the room; `Unknown` until the call is Connected, and in other calls. */
  readonly role: ParticipantRole;
  /** A feature of this call; the same object each time. Throws when there is no such feature. */
  feature<F extends CallFeature>(factory: CallFeatureFactory<F>): F;
  /** Leave, or end the call for all. Calling it twice is harmless. */
  hangUp(options?: HangUpOptions): Promise<void>;
  /** Mute everybody else. Not in a call of two. */
  muteAllRemoteParticipants(): Promise<void>;
  /**
   * Send and receive nothing for a while: `LocalHold`. Between two the other side shows
   * `RemoteHold`. One call of an agent is active at a time: joining, accepting or resuming one puts
   * the others on hold. Rejects with 412/49013 before the call is Connected, with 500/41033 when it
   * cannot be done.
   */
  hold(): Promise<void>;
  /** Go on, with what was on before. Rejects with 500/41034 when it cannot be done. */
  resume(): Promise<void>;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  /** Hear nobody. */
  muteIncomingAudio(): Promise<void>;
  /** Hear everybody again. */
  unmuteIncomingAudio(): Promise<void>;
  /** Speak with this stream instead of the chosen microphone. */
  startAudio(localAudioStream: LocalAudioStream): Promise<void>;
  /** Speak with the chosen microphone again. */
  stopAudio(): void;
  /** Send this stream's camera. */
  startVideo(localVideoStream: LocalVideoStream): Promise<void>;
  /** Stop sending it and close the camera. */
  stopVideo(localVideoStream: LocalVideoStream): Promise<void>;
  /**
   * Let the person choose a screen, window or tab, and send it; or send a stream of the app's own.
   * Call it from a click.
   */
  startScreenSharing(localVideoStream?: LocalVideoStream): Promise<void>;
  stopScreenSharing(): Promise<void>;
  /**
   * Limit what is sent of the camera, from now on and also when it starts again; the bits are those of
   * all sizes of the picture together. Rejects with 400/49019 for what is no limit.
   */
  setConstraints(constraints: CallConstraints): Promise<void>;
  /** Rejects with 405/49014: only telephones hear tones, and this version calls none. */
  sendDtmf(dtmfTone: DtmfTone): Promise<void>;
  /** Leave, and use the call no more. */
  dispose(): void;
}

/** One call, from its beginning to its end. */
export interface Call extends CallCommon {
  readonly kind: CallKind.Call;
  readonly info: CallInfo;
  /**
   * Ring somebody into the call; in a room's call, somebody of its roster. What comes of it shows
   * in the participant's state, and in its `callEndReason` if nothing does. Throws 405/49014 for a
   * telephone.
   */
  addParticipant(
    participant: CommunicationIdentifier,
    options?: AddPhoneNumberOptions,
  ): RemoteParticipant;
  /** Take somebody out. Rejects with 400/41054 for somebody who is not there. */
  removeParticipant(participant: CommunicationIdentifier): Promise<void>;
}
