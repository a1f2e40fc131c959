/** The features that this version has. */
import type { CallSurveyFeature } from "../api/call-survey.js";
import type { CaptionsCallFeature } from "../api/captions.js";
import type { DataChannelCallFeature } from "../api/data-channel.js";
import type { UserFacingDiagnosticsFeature } from "../api/diagnostics.js";
import type {
  VideoEffectsFeature,
  VideoStreamFeature,
  VideoStreamFeatureFactory,
} from "../api/effects.js";
import type {
  CallClientFeatureFactory,
  CallFeature,
  CallFeatureFactory,
  CapabilitiesFeature,
  DebugInfoCallClientFeature,
} from "../api/features.js";
import type {
  MediaAccessCallFeature,
  RaiseHandCallFeature,
  ReactionCallFeature,
  SpotlightCallFeature,
} from "../api/gestures.js";
import type { MediaStatsCallFeature } from "../api/media-stats.js";
import type {
  BreakoutRoomsCallFeature,
  PPTLiveCallFeature,
  TeamsMeetingAudioConferencingCallFeature,
  TogetherModeCallFeature,
} from "../api/meetings.js";
import type { RealTimeTextFeature } from "../api/real-time-text.js";
import type { RecordingCallFeature, TranscriptionCallFeature } from "../api/recording.js";
import type {
  AudioEffectsFeature,
  AudioStreamFeature,
  AudioStreamFeatureFactory,
} from "../api/sound.js";
import type { DominantSpeakersCallFeature, OptimalVideoCountCallFeature } from "../api/speakers.js";
import type { TransferCallFeature } from "../api/transfer.js";

function ofCall<F extends CallFeature & { readonly name: string }>(
  featureName: F["name"],
): CallFeatureFactory<F> {
  return { featureName };
}

function ofStream<F extends VideoStreamFeature & { readonly name: string }>(
  localVideoStreamFeatureName: F["name"],
): VideoStreamFeatureFactory<F> {
  return { localVideoStreamFeatureName };
}

function ofVoice<F extends AudioStreamFeature & { readonly name: string }>(
  localAudioStreamFeatureName: F["name"],
): AudioStreamFeatureFactory<F> {
  return { localAudioStreamFeatureName };
}

const debugInfo: CallClientFeatureFactory<DebugInfoCallClientFeature> = {
  clientFeatureName: "DebugInfo",
};

/** Names the features for `call.feature(...)`, `callClient.feature(...)` and those of streams. */
export const Features = {
  /** Effects on the own voice; a feature of a LocalAudioStream. */
  AudioEffects: ofVoice<AudioEffectsFeature>("AudioEffects"),
  /** Rooms beside a meeting of Teams; there are none. */
  BreakoutRooms: ofCall<BreakoutRoomsCallFeature>("BreakoutRooms"),
  /** What the own role allows in a call. */
  Capabilities: ofCall<CapabilitiesFeature>("Capabilities"),
  /** What people think of the call; this version sends it nowhere. */
  CallSurvey: ofCall<CallSurveyFeature>("CallSurvey"),
  /** What is said, as text; no server of this version makes it. */
  Captions: ofCall<CaptionsCallFeature>("Captions"),
  /** Bytes that people send each other. */
  DataChannel: ofCall<DataChannelCallFeature>("DataChannel"),
  /** Who speaks most. */
  DominantSpeakers: ofCall<DominantSpeakersCallFeature>("DominantSpeakers"),
  /** Who may speak and show himself. */
  MediaAccess: ofCall<MediaAccessCallFeature>("MediaAccess"),
  /** What the call sends and receives, in numbers. */
  MediaStats: ofCall<MediaStatsCallFeature>("MediaStats"),
  /** How many pictures a page should show at once. */
  OptimalVideoCount: ofCall<OptimalVideoCountCallFeature>("OptimalVideoCount"),
  /** Slides of a meeting of Teams; there are none. */
  PPTLive: ofCall<PPTLiveCallFeature>("PPTLive"),
  /** Hands that are up. */
  RaiseHand: ofCall<RaiseHandCallFeature>("RaiseHand"),
  /** What people show for a moment. */
  Reaction: ofCall<ReactionCallFeature>("Reaction"),
  /** What people write, while they write it. */
  RealTimeText: ofCall<RealTimeTextFeature>("RealTimeText"),
  /** Whether the call is recorded; nothing of this version records. */
  Recording: ofCall<RecordingCallFeature>("Recording"),
  /** Who is shown to everyone. */
  Spotlight: ofCall<SpotlightCallFeature>("Spotlight"),
  /** How to dial in to a meeting of Teams; there is no way. */
  TeamsMeetingAudioConferencing: ofCall<TeamsMeetingAudioConferencingCallFeature>(
    "TeamsMeetingAudioConferencing",
  ),
  /** One picture of all in a meeting of Teams; there is none. */
  TogetherMode: ofCall<TogetherModeCallFeature>("TogetherMode"),
  /** Whether what is said is written down; nothing of this version does. */
  Transcription: ofCall<TranscriptionCallFeature>("Transcription"),
  /** Handing the call over; no server of this version can. */
  Transfer: ofCall<TransferCallFeature>("Transfer"),
  /** What people should be told about their network and devices. */
  UserFacingDiagnostics: ofCall<UserFacingDiagnosticsFeature>("UserFacingDiagnostics"),
  /** Effects on the own picture; a feature of a LocalVideoStream. */
  VideoEffects: ofStream<VideoEffectsFeature>("VideoEffects"),
  /** What the page runs in; a feature of the client. */
  DebugInfo: debugInfo,
};
