/** Who speaks most, and how many pictures a page should show. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";
import type { PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";

/** Who speaks or spoke last. `timestamp`: since when the list is as it is. */
export interface DominantSpeakersInfo {
  /** The most dominant one first. */
  readonly speakersList: readonly CommunicationIdentifierKind[];
  readonly timestamp: Date;
}

/** The events of dominant speakers. */
export interface DominantSpeakersCallFeatureEvents {
  dominantSpeakersChanged: Parameters<PropertyChangedEvent>;
}

/** Who of the others speaks most. */
export interface DominantSpeakersCallFeature
  extends CallFeature,
    Subscribable<DominantSpeakersCallFeatureEvents> {
  readonly name: "DominantSpeakers";
  readonly dominantSpeakers: DominantSpeakersInfo;
}

/** Why the optimal count is another one. */
export type OvcChangeReason = "unknown" | "bandwidth" | "performance" | "externalLimit";

/** The events of the optimal video count. */
export interface OptimalVideoCountFeatureEvents {
  optimalVideoCountChanged: Parameters<PropertyChangedEvent>;
}

/** How many pictures of others a page should show at once. */
export interface OptimalVideoCountCallFeature
  extends CallFeature,
    Subscribable<OptimalVideoCountFeatureEvents> {
  readonly name: "OptimalVideoCount";
  readonly optimalVideoCount: number;
  readonly lastOvcChangeReason: OvcChangeReason;
}
