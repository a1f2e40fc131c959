/** The features that this version has. */
import type {
  CallClientFeatureFactory,
  CallFeatureFactory,
  CapabilitiesFeature,
  DebugInfoFeature,
} from "../api/features.js";

const capabilities: CallFeatureFactory<CapabilitiesFeature> = { featureName: "Capabilities" };
const debugInfo: CallClientFeatureFactory<DebugInfoFeature> = { clientFeatureName: "DebugInfo" };

/** Names the features for `call.feature(...)` and `callClient.feature(...)`. */
export const Features = {
  /** What the own role allows in a call. */
  Capabilities: capabilities,
  /** What the page runs in; a feature of the client. */
  DebugInfo: debugInfo,
};
