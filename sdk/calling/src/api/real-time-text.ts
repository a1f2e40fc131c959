/** What people write, seen while they write it. */
import type { ParticipantInfo } from "./captions.js";
import type { Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";

/** Whether a written text may change yet. */
export type RealTimeTextResultType = "Partial" | "Final";

/** Something that is being written. */
export interface RealTimeTextInfo {
  readonly sequenceId: number;
  readonly sender: ParticipantInfo;
  readonly text: string;
  readonly resultType: RealTimeTextResultType;
  readonly receivedTimestamp: Date;
  readonly updatedTimestamp: Date;
  readonly isLocal: boolean;
}

/** The events of written text. */
export interface RealTimeTextFeatureEvents {
  realTimeTextReceived: [info: RealTimeTextInfo];
}

/** What people write while they write it. */
export interface RealTimeTextFeature extends CallFeature, Subscribable<RealTimeTextFeatureEvents> {
  readonly name: "RealTimeText";
  sendRealTimeText(text: string, finalized?: boolean): Promise<void>;
}
