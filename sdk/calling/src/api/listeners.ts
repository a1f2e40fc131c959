/** Names for listeners, and for the words under which they listen: apps declare theirs with them. */
import type { CommunicationServicesError } from "../kernel/errors.js";
import type {
  ConnectionStateChangedEventArgs,
  HandleIncomingCallEventArgs,
  IncomingCall,
} from "./agent.js";
import type { CallEndReason } from "./call.js";
import type { CaptionsInfo } from "./captions.js";
import type { VideoEffectName } from "./effects.js";
import type { CapabilitiesChangeInfo } from "./features.js";
import type {
  MediaAccess,
  MeetingMediaAccess,
  RaisedHandChangedEvent,
  ReactionEventPayload,
} from "./gestures.js";
import type { TogetherModeSeatingMap } from "./meetings.js";
import type { RealTimeTextInfo } from "./real-time-text.js";
import type { ActiveAudioEffects } from "./sound.js";
import type { TeamsCaptionsInfo, TeamsIncomingCall } from "./teams.js";
import type { TransferEventArgs } from "./transfer.js";

/** Hears that the agent is in touch with its server, or not any more. */
export type ConnectionStateChangedEvent = (change: ConnectionStateChangedEventArgs) => void;
/** Hears that a call rings. */
export type IncomingCallEvent = (arrival: { incomingCall: IncomingCall }) => void;
/** Hears that a call of Teams rings. */
export type TeamsIncomingCallEvent = (arrival: { incomingCall: TeamsIncomingCall }) => void;
/** Hears that a call could not be taken. */
export type HandleIncomingCallEvent = (failure: HandleIncomingCallEventArgs) => void;
/** Hears that a call rings no more. */
export type CallEndedEvent = (end: { callEndReason: CallEndReason }) => void;
/** Hears which call takes the place of the one that was handed over. */
export type TransferAcceptedEvent = (transfer: TransferEventArgs) => void;
/** Hears what may be done now. */
export type CapabilitiesChangeHandler = (change: CapabilitiesChangeInfo) => void;
/** Hears what is said. */
export type CaptionsHandler = (info: CaptionsInfo) => void;
/** Hears what is said in a meeting. */
export type TeamsCaptionsHandler = (info: TeamsCaptionsInfo) => void;
/** Hears what is written. */
export type RealTimeTextReceivedEventHandler = (info: RealTimeTextInfo) => void;
/** Hears whose hand went up. */
export type RaisedHandListener = (change: RaisedHandChangedEvent) => void;
/** Hears whose hand went down. */
export type LoweredHandListener = (change: RaisedHandChangedEvent) => void;
/** Hears who reacts. */
export type ReactionListener = (event: ReactionEventPayload) => void;
/** Who may speak and show himself now. */
export interface MediaAccessChangedEvent {
  readonly mediaAccesses: MediaAccess[];
}
/** Hears who may speak and show himself. */
export type MediaAccessChangedListener = (change: MediaAccessChangedEvent) => void;
/** Whether attendees may speak and show themselves now. */
export interface MeetingMediaAccessChangedEvent {
  readonly meetingMediaAccess: MeetingMediaAccess;
}
/** Hears whether attendees may speak and show themselves. */
export type MeetingMediaAccessChangedListener = (change: MeetingMediaAccessChangedEvent) => void;
/** Hears which effects are on a picture. */
export type VideoEffectsFeatureListener = (effects: VideoEffectName[]) => void;
/** Hears what went wrong with an effect on a picture. */
export type VideoEffectsFeatureErrorListener = (error: CommunicationServicesError) => void;
/** Hears which effects are on the own voice. */
export type AudioEffectsFeatureListener = (effects: ActiveAudioEffects) => void;
/** Hears what went wrong with an effect on the own voice. */
export type AudioEffectsFeatureErrorListener = (error: CommunicationServicesError) => void;
/** Hears where everybody sits. */
export type TogetherModeSceneUpdatedListener = (seats: TogetherModeSeatingMap) => void;
/** Hears where everybody sits. */
export type TogetherModeSeatingUpdatedListener = (seats: TogetherModeSeatingMap) => void;

/** What capabilities are heard under. */
export type CapabilitiesChangedEventType = "capabilitiesChanged";
/** What the kind of captions is heard under. */
export type CaptionsKindChangedEventType = "CaptionsKindChanged";
/** What the state of captions is heard under. */
export type CaptionsPropertyChangedEventType = "CaptionsActiveChanged";
/** What captions are heard under. */
export type CaptionsReceivedEventType = "CaptionsReceived";
/** What the language of captions is heard under. */
export type CaptionLanguageChangedEventType = "CaptionLanguageChanged";
/** What the spoken language is heard under. */
export type SpokenLanguageChangedEventType = "SpokenLanguageChanged";
/** What hands going up are heard under. */
export type RaisedHandEventType = "raisedHandEvent";
/** What hands going down are heard under. */
export type LoweredHandEventType = "loweredHandEvent";
/** What written text is heard under. */
export type RealTimeTextReceivedEventType = "realTimeTextReceived";
/** What spotlights are heard under. */
export type SpotlightChangedEventType = "spotlightChanged";
/** What transcription is heard under. */
export type TranscriptionPropertyChangedEventType = "isTranscriptionActiveChanged";
/** What transfers are heard under. */
export type TransferAcceptedEventType = "transferAccepted";
