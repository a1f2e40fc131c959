/** The public surface of the package: everything an app may use, and nothing else. */
export type {
  CallAgent,
  CallAgentEvents,
  CallAgentOptions,
  CallClientOptions,
  ConnectionState,
  ConnectionStateChangedEventArgs,
  ConnectionStateReason,
  DiagnosticOptions,
  IncomingCall,
  IncomingCallEvents,
  NetworkConfiguration,
} from "./api/agent.js";
export type {
  AcceptCallOptions,
  AudioOptions,
  Call,
  CallDirection,
  CallEnding,
  CallEndReason,
  CallEvents,
  CallerInfo,
  CallInfo,
  CallResultCategory,
  CallState,
  GroupCallLocator,
  GroupLocator,
  HangUpOptions,
  JoinCallOptions,
  RoomCallLocator,
  RoomLocator,
  StartCallOptions,
  VideoOptions,
} from "./api/call.js";
export type {
  AudioDeviceInfo,
  AudioDeviceType,
  DeviceAccess,
  DeviceManager,
  DeviceManagerEvents,
  PermissionConstraints,
  VideoDeviceInfo,
  VideoDeviceType,
} from "./api/devices.js";
export type {
  CollectionUpdate,
  CollectionUpdatedEvent,
  PropertyChangedEvent,
  Subscribable,
} from "./api/events.js";
export type {
  CallClientFeature,
  CallClientFeatureFactory,
  CallFeature,
  CallFeatureFactory,
  CapabilitiesChangedReason,
  CapabilitiesChangeInfo,
  CapabilitiesFeature,
  CapabilitiesFeatureEvents,
  CapabilityResolutionReason,
  DebugInfoFeature,
  Environment,
  EnvironmentInfo,
  ParticipantCapabilities,
  ParticipantCapability,
  ParticipantCapabilityName,
} from "./api/features.js";
export type {
  MediaAccess,
  MediaAccessCallFeature,
  MediaAccessCallFeatureEvents,
  MeetingMediaAccess,
  RaisedHand,
  RaisedHandChangedEvent,
  RaiseHandCallFeature,
  RaiseHandCallFeatureEvents,
  Reaction,
  ReactionCallFeature,
  ReactionCallFeatureEvents,
  ReactionEventPayload,
  ReactionMessage,
  SpotlightCallFeature,
  SpotlightCallFeatureEvents,
  SpotlightedParticipant,
} from "./api/gestures.js";
export { CallAgentKind, CallKind, IncomingCallKind } from "./api/kinds.js";
export type {
  DisplayNameChangedEventArgs,
  EndpointDetails,
  ParticipantRole,
  RemoteParticipant,
  RemoteParticipantEvents,
  RemoteParticipantState,
} from "./api/participants.js";
export type {
  CreateViewOptions,
  MediaStreamType,
  RemoteVideoStream,
  RemoteVideoStreamEvents,
  ScalingMode,
  StreamSize,
  VideoStreamRendererView,
} from "./api/streams.js";
export { CallClient } from "./client.js";
export { Features } from "./features/features.js";
export { CommunicationServicesError } from "./kernel/errors.js";
export {
  LocalVideoStream,
  type LocalVideoStreamEvents,
  type LocalVideoStreamOptions,
  type VideoSourceChangedEventArgs,
} from "./streams/local-video-stream.js";
export { VideoStreamRenderer } from "./streams/renderer.js";
