/** The features that this version has. */
import type {
  CallClientFeatureFactory,
  CallFeatureFactory,
  CapabilitiesFeature,
  DebugInfoFeature,
} from "../api/features.js";
import type {
  MediaAccessCallFeature,
  RaiseHandCallFeature,
  ReactionCallFeature,
  SpotlightCallFeature,
} from "../api/gestures.js";

const capabilities: CallFeatureFactory<CapabilitiesFeature> = { featureName: "Capabilities" };
const mediaAccess: CallFeatureFactory<MediaAccessCallFeature> = { featureName: "MediaAccess" };
const raiseHand: CallFeatureFactory<RaiseHandCallFeature> = { featureName: "RaiseHand" };
const reaction: CallFeatureFactory<ReactionCallFeature> = { featureName: "Reaction" };
const spotlight: CallFeatureFactory<SpotlightCallFeature> = { featureName: "Spotlight" };
const debugInfo: CallClientFeatureFactory<DebugInfoFeature> = { clientFeatureName: "DebugInfo" };

/** Names the features for `call.feature(...)` and `callClient.feature(...)`. */
export const Features = {
  /** What the own role allows in a call. */
  Capabilities: capabilities,
  /** Who may speak and show himself. */
  MediaAccess: mediaAccess,
  /** Hands that are up. */
  RaiseHand: raiseHand,
  /** What people show for a moment. */
  Reaction: reaction,
  /** Who is shown to everyone. */
  Spotlight: spotlight,
  /** What the page runs in; a feature of the client. */
  DebugInfo: debugInfo,
};
