/** What a call sends and receives, in numbers. */
import type { Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";

/** The numbers that everything which is sent or received has. `N`: a number, `S`: a word. */
export interface MediaStatsCommon<N = number, S = string> {
  /** Tells apart what is sent or received at the same time. */
  readonly id: S;
  readonly codecName?: S;
  /** Bits in the last second. */
  readonly bitrate?: N;
  readonly jitterInMs?: N;
  /** Packets so far. */
  readonly packets?: N;
  readonly packetsPerSecond?: N;
  /** Packets that were lost so far. */
  readonly packetsLost?: N;
  readonly packetsLostPerSecond?: N;
  /** How long a packet takes there and back. */
  readonly rttInMs?: N;
  /** Names one of `transports`. */
  readonly transportId?: S;
}

/** The own voice. */
export interface OutgoingAudioMediaStats<N = number, S = string> extends MediaStatsCommon<N, S> {
  /** From 0, silence, to 65536. */
  readonly audioInputLevel?: N;
}

/** The voice of somebody else. */
export interface IncomingAudioMediaStats<N = number, S = string> extends MediaStatsCommon<N, S> {
  /** From 0, silence, to 65536. */
  readonly audioOutputLevel?: N;
  readonly jitterBufferDelayInMs?: N;
  /** The part of the sound that was made up for what did not arrive, from 0 to 1. */
  readonly healedRatio?: N;
}

/** One size of a picture that is sent in several. */
export interface VideoLayoutMediaStats<N = number, S = string> extends MediaStatsCommon<N, S> {
  /** Frames in a second, as they come from the device. */
  readonly frameRateInput?: N;
  readonly frameWidthInput?: N;
  readonly frameHeightInput?: N;
  readonly framesEncoded?: N;
  readonly frameRateEncoded?: N;
  readonly framesSent?: N;
  readonly frameRateSent?: N;
  readonly frameWidthSent?: N;
  readonly frameHeightSent?: N;
  readonly keyFramesEncoded?: N;
}

/** An own picture: the largest size that is sent. */
export interface OutgoingVideoMediaStats<N = number, S = string>
  extends VideoLayoutMediaStats<N, S> {
  /** The smaller sizes. */
  readonly altLayouts: VideoLayoutMediaStats<N, S>[];
}

/** A picture of somebody else. */
export interface IncomingVideoMediaStats<N = number, S = string> extends MediaStatsCommon<N, S> {
  /** The `id` of the `RemoteVideoStream`. */
  readonly streamId?: N;
  readonly jitterBufferDelayInMs?: N;
  readonly frameRateDecoded?: N;
  readonly frameRateReceived?: N;
  readonly frameWidthReceived?: N;
  readonly frameHeightReceived?: N;
  readonly longestFreezeDurationInMs?: N;
  readonly totalFreezeDurationInMs?: N;
  readonly framesReceived?: N;
  readonly framesDropped?: N;
  readonly framesDecoded?: N;
  readonly keyFramesDecoded?: N;
}

/** The way that media takes. */
export interface TransportMediaStats<N = number, S = string> {
  readonly id: S;
  readonly rttInMs?: N;
  /** Bits a second that the browser believes to have. */
  readonly availableIncomingBitrate?: N;
  readonly availableOutgoingBitrate?: N;
}

/** Everything that is sent and received. All lists are always there. */
export interface MediaStatsReport<N, S> {
  readonly audio: {
    readonly send: OutgoingAudioMediaStats<N, S>[];
    readonly receive: IncomingAudioMediaStats<N, S>[];
  };
  readonly video: {
    readonly send: OutgoingVideoMediaStats<N, S>[];
    readonly receive: IncomingVideoMediaStats<N, S>[];
  };
  readonly screenShare: {
    readonly send: OutgoingVideoMediaStats<N, S>[];
    readonly receive: IncomingVideoMediaStats<N, S>[];
  };
  readonly transports: TransportMediaStats<N, S>[];
}

/** The numbers of one moment. */
export type MediaStatsReportSample = MediaStatsReport<number, string>;

/** Several moments of one value. */
export interface MediaStatsValues<T> {
  /** Every value, the oldest first. */
  readonly raw: T[];
  /** When the last of them was taken. */
  readonly timestamp: Date;
}

/** Several moments of one number, as they are and taken together: one entry for each interval. */
export interface AggregatedMediaStats extends MediaStatsValues<number> {
  readonly aggregation: {
    readonly count: number[];
    readonly sum: number[];
    readonly min: number[];
    readonly max: number[];
  };
}

/** The numbers of a longer time. */
export type MediaStatsReportSummary = MediaStatsReport<
  AggregatedMediaStats,
  MediaStatsValues<string>
>;

/** How long a summary is. */
export interface MediaStatsCollectorOptions {
  /** Seconds that are taken together; 10 when left out. */
  aggregationInterval?: number;
  /** How many of them make a summary; 6 when left out. */
  dataPointsPerAggregation?: number;
}

/** The events of a collector. */
export interface MediaStatsCollectorEvents {
  /** Each second while media is up. */
  sampleReported: [sample: MediaStatsReportSample];
  /** Whenever as many intervals are over as make a summary. */
  summaryReported: [summary: MediaStatsReportSummary];
}

/** Tells the numbers of a call until it is disposed, or the call has ended. */
export interface MediaStatsCollector extends Subscribable<MediaStatsCollectorEvents> {
  dispose(): void;
}

/** What the call sends and receives, in numbers. */
export interface MediaStatsCallFeature extends CallFeature {
  readonly name: "MediaStats";
  /** Make a collector. It may be made before the call is up. Throws 400 for bad options. */
  createCollector(options?: MediaStatsCollectorOptions): MediaStatsCollector;
}
