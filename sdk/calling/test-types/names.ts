/**
 * Code as apps write it for the package whose names ours has: it must compile. The type checker runs
 * it through, nobody runs it. The kinds of `CallKind` stand where types do, too.
 */

import type { CommunicationTokenCredential } from "@azure/communication-common";
import type * as Calling from "../src/index.js";
import {
  CallAgentKind,
  CallClient,
  CallKind,
  DiagnosticQuality,
  Features,
  IncomingCallKind,
  LocalVideoStream,
  RecordingState,
  VideoStreamRenderer,
} from "../src/index.js";

/** The names without which the declarations of Azure's React library do not compile. */
export type NamesOfTheReactLibrary = [
  Calling.AddPhoneNumberOptions,
  Calling.AudioDeviceInfo,
  Calling.AudioEffectsStartConfig,
  Calling.BackgroundBlurConfig,
  Calling.BackgroundBlurEffect,
  Calling.BackgroundReplacementConfig,
  Calling.BackgroundReplacementEffect,
  Calling.BreakoutRoom,
  Calling.BreakoutRoomsCallFeature,
  Calling.BreakoutRoomsSettings,
  Calling.BreakoutRoomsUpdatedListener,
  Calling.Call,
  Calling.CallAgent,
  Calling.CallAgentCommon,
  Calling.CallClient,
  Calling.CallClientOptions,
  Calling.CallCommon,
  Calling.CallDirection,
  Calling.CallEndReason,
  Calling.CallKind,
  Calling.CallState,
  Calling.CallSurvey,
  Calling.CallSurveyResponse,
  Calling.CallerInfo,
  Calling.CapabilitiesChangeInfo,
  Calling.CapabilitiesFeature,
  Calling.Captions,
  Calling.CaptionsCallFeature,
  Calling.CaptionsInfo,
  Calling.CaptionsKind,
  Calling.CaptionsResultType,
  Calling.CreateViewOptions,
  Calling.DeviceAccess,
  Calling.DeviceManager,
  Calling.DiagnosticQuality,
  Calling.DominantSpeakersInfo,
  Calling.DtmfTone,
  Calling.EnvironmentInfo,
  Calling.GroupCallLocator,
  Calling.GroupLocator,
  Calling.IncomingCall,
  Calling.IncomingCallCommon,
  Calling.IncomingCallKind,
  Calling.LatestMediaDiagnostics,
  Calling.LatestNetworkDiagnostics,
  Calling.LocalVideoStream,
  Calling.MediaAccess,
  Calling.MediaAccessCallFeature,
  Calling.MediaDiagnosticChangedEventArgs,
  Calling.MediaStreamType,
  Calling.MeetingMediaAccess,
  Calling.NetworkDiagnosticChangedEventArgs,
  Calling.OptimalVideoCountCallFeature,
  Calling.ParticipantCapabilities,
  Calling.ParticipantCapabilityName,
  Calling.ParticipantInfo,
  Calling.ParticipantRole,
  Calling.PermissionConstraints,
  Calling.PropertyChangedEvent,
  Calling.RaiseHandCallFeature,
  Calling.RaisedHand,
  Calling.Reaction,
  Calling.ReactionCallFeature,
  Calling.ReactionMessage,
  Calling.RealTimeTextFeature,
  Calling.RealTimeTextInfo,
  Calling.RealTimeTextResultType,
  Calling.RecordingCallFeature,
  Calling.RemoteParticipant,
  Calling.RemoteParticipantState,
  Calling.RemoteVideoStream,
  Calling.RoomCallLocator,
  Calling.RoomLocator,
  Calling.ScalingMode,
  Calling.SpotlightCallFeature,
  Calling.SpotlightedParticipant,
  Calling.StartCallOptions,
  Calling.StartCaptionsOptions,
  Calling.TeamsCall,
  Calling.TeamsCallAgent,
  Calling.TeamsCallInfo,
  Calling.TeamsCaptions,
  Calling.TeamsCaptionsInfo,
  Calling.TeamsIncomingCall,
  Calling.TeamsMeetingAudioConferencingDetails,
  Calling.TeamsMeetingIdLocator,
  Calling.TeamsMeetingLinkLocator,
  Calling.TogetherModeCallFeature,
  Calling.TogetherModeSeatingMap,
  Calling.TogetherModeVideoStream,
  Calling.TranscriptionCallFeature,
  Calling.TransferEventArgs,
  Calling.UserFacingDiagnosticsFeature,
  Calling.VideoDeviceInfo,
  Calling.VideoEffectName,
  Calling.VideoEffectProcessor,
  Calling.VideoEffectsFeature,
  Calling.VideoStreamRenderer,
  Calling.VideoStreamRendererView,
];

/** Kinds are values, types, and namespaces of types. */
export interface Kinds {
  one: CallKind.Call;
  each: CallKind;
  agent: CallAgentKind.CallAgent;
  ringing: IncomingCallKind.IncomingCall;
  quality: DiagnosticQuality.Bad;
  recording: RecordingState.Started;
}

export const kinds: Kinds = {
  one: CallKind.Call,
  each: CallKind.TeamsCall,
  agent: CallAgentKind.CallAgent,
  ringing: IncomingCallKind.IncomingCall,
  quality: DiagnosticQuality.Bad,
  recording: RecordingState.Started,
};

/** Join with a camera, listen to what happens, look at features. */
export async function join(
  credential: CommunicationTokenCredential,
  roomId: string,
): Promise<Calling.Call> {
  const client = new CallClient({ diagnostics: { appName: "app", tags: ["a"] } });
  const agent: Calling.CallAgent = await client.createCallAgent(credential, { displayName: "Ada" });
  const devices: Calling.DeviceManager = await client.getDeviceManager();
  await devices.askDevicePermission({ audio: true, video: true });
  const [camera] = await devices.getCameras();
  const localVideoStreams = camera === undefined ? [] : [new LocalVideoStream(camera)];
  const call = agent.join({ roomId }, { videoOptions: { localVideoStreams } });
  const onState: Calling.PropertyChangedEvent = () => undefined;
  call.on("stateChanged", onState);
  call.off("stateChanged", onState);
  call.on("remoteParticipantsUpdated", ({ added, removed }) => {
    for (const participant of [...added, ...removed]) watch(participant);
  });
  call.feature(Features.UserFacingDiagnostics).network.on("diagnosticChanged", (info) => {
    return info.value === DiagnosticQuality.Bad ? info.diagnostic : undefined;
  });
  return call;
}

function watch(participant: Calling.RemoteParticipant): void {
  const onStreams: Calling.CollectionUpdatedEvent<Calling.RemoteVideoStream> = ({ added }) => {
    for (const stream of added) show(stream).catch(() => undefined);
  };
  participant.on("videoStreamsUpdated", onStreams);
}

async function show(stream: Calling.RemoteVideoStream): Promise<HTMLElement> {
  const options: Calling.CreateViewOptions = { scalingMode: "Crop" };
  const view: Calling.VideoStreamRendererView = await new VideoStreamRenderer(stream).createView(
    options,
  );
  return view.target;
}
