/** From the browser's statistics to the numbers that apps are told. */
import type {
  IncomingAudioMediaStats,
  IncomingVideoMediaStats,
  MediaStatsCommon,
  MediaStatsReportSample,
  OutgoingAudioMediaStats,
  OutgoingVideoMediaStats,
  TransportMediaStats,
  VideoLayoutMediaStats,
} from "../api/media-stats.js";
import { numberOf, textOf } from "../kernel/values.js";
import type { Numbers, Source, TrackStats } from "../media/port.js";

const LOUDEST = 65_536;
const SECOND = 1_000;
const BITS = 8;

/** Finds the `id` that apps know a picture of somebody else by. */
export type StreamIds = (sender: string, source: Source) => number | undefined;

/** One record, with what it was a moment before. */
interface Change {
  readonly now: Numbers;
  readonly before: Numbers | undefined;
  readonly seconds: number;
}

/** With gaps where the browser tells nothing. */
type Loose<T> = { [K in keyof T]?: T[K] | undefined };

type Known = ReadonlyMap<string, Numbers>;

/** Makes samples of measurements that follow each other. */
export class Sampler {
  private _before: ReadonlyMap<string, Numbers> = new Map();
  private readonly _freezes = new Map<string, number>();

  constructor(private readonly _streamIds: StreamIds) {}

  /** The sample of what was measured now. */
  sample(tracks: readonly TrackStats[]): MediaStatsReportSample {
    const views = tracks.map((track) => new View(track, this._before));
    this._before = new Map(views.flatMap((view) => view.remembered));
    const of = (source: Source, direction: TrackStats["direction"]): View[] =>
      views.filter(({ track }) => track.source === source && track.direction === direction);
    const incoming = (view: View): IncomingVideoMediaStats => this._incomingVideo(view);
    return {
      audio: {
        send: of("microphone", "send").map(outgoingAudio),
        receive: of("microphone", "receive").map(incomingAudio),
      },
      video: {
        send: of("camera", "send").map(outgoingVideo),
        receive: of("camera", "receive").map(incoming),
      },
      screenShare: {
        send: of("screen", "send").map(outgoingVideo),
        receive: of("screen", "receive").map(incoming),
      },
      transports: transportsOf(views),
    };
  }

  private _incomingVideo(view: View): IncomingVideoMediaStats {
    const { sender, source, id } = view.track;
    const rtp = view.one("inbound-rtp");
    const get = (name: string): number | undefined => rtp && numberOf(rtp.now, name);
    const per = (name: string): number | undefined => rtp && rateOf(rtp, name);
    return compact<IncomingVideoMediaStats>({
      ...receivedOf(view),
      streamId: this._streamIds(sender, source),
      frameRateDecoded: get("framesPerSecond"),
      frameRateReceived: per("framesReceived"),
      frameWidthReceived: get("frameWidth"),
      frameHeightReceived: get("frameHeight"),
      longestFreezeDurationInMs: rtp && this._longestFreeze(id, rtp),
      totalFreezeDurationInMs: scaled(get("totalFreezesDuration"), SECOND),
      framesReceived: get("framesReceived"),
      framesDropped: get("framesDropped"),
      framesDecoded: get("framesDecoded"),
      keyFramesDecoded: get("keyFramesDecoded"),
    });
  }

  /** Browsers tell how long all freezes were together: what came in a moment is shared by its freezes. */
  private _longestFreeze(id: string, rtp: Change): number | undefined {
    const total = differenceOf(rtp, "totalFreezesDuration");
    const count = differenceOf(rtp, "freezeCount");
    const one = total !== undefined && count ? (total / count) * SECOND : 0;
    const longest = Math.max(this._freezes.get(id) ?? 0, one);
    this._freezes.set(id, longest);
    return total === undefined ? undefined : longest;
  }
}

/** The records of one track. */
class View {
  private readonly _byId: Known;

  constructor(
    readonly track: TrackStats,
    private readonly _before: Known,
  ) {
    this._byId = new Map(track.numbers.map((one) => [textOf(one, "id") ?? "", one]));
  }

  /** What the next measurement is compared with. */
  get remembered(): [string, Numbers][] {
    return [...this._byId].map(([id, one]) => [`${this.track.id} ${id}`, one]);
  }

  all(type: string): Change[] {
    return this.track.numbers
      .filter((one) => one["type"] === type)
      .map((now) => {
        const before = this._before.get(`${this.track.id} ${textOf(now, "id") ?? ""}`);
        const since = before && numberOf(before, "timestamp");
        const until = numberOf(now, "timestamp");
        const took = since === undefined || until === undefined ? 0 : until - since;
        return { now, before, seconds: took / SECOND };
      });
  }

  one(type: string): Change | undefined {
    return this.all(type)[0];
  }

  /** The record that another one names. */
  named(by: Numbers | undefined, field: string): Numbers | undefined {
    return this._byId.get((by && textOf(by, field)) ?? "");
  }
}

function outgoingAudio(view: View): OutgoingAudioMediaStats {
  const input = view.one("media-source");
  return compact<OutgoingAudioMediaStats>({
    ...sentOf(view, view.one("outbound-rtp"), view.track.id),
    audioInputLevel: scaled(input && numberOf(input.now, "audioLevel"), LOUDEST),
  });
}

function incomingAudio(view: View): IncomingAudioMediaStats {
  const rtp = view.one("inbound-rtp");
  return compact<IncomingAudioMediaStats>({
    ...receivedOf(view),
    audioOutputLevel: scaled(rtp && numberOf(rtp.now, "audioLevel"), LOUDEST),
    healedRatio: rtp && ratioOf(rtp, "concealedSamples", "totalSamplesReceived"),
  });
}

function outgoingVideo(view: View): OutgoingVideoMediaStats {
  const width = ({ now }: Change): number => numberOf(now, "frameWidth") ?? 0;
  const layers = view.all("outbound-rtp").sort((a, b) => width(b) - width(a));
  const [largest, ...smaller] = layers;
  const altLayouts = smaller.map((one) => layoutOf(view, one, nameOf(view, one)));
  return { ...layoutOf(view, largest, view.track.id), altLayouts };
}

/** Sizes of one picture are told apart by their `rid`. */
function nameOf(view: View, { now }: Change): string {
  return `${view.track.id} ${textOf(now, "rid") ?? textOf(now, "id") ?? ""}`;
}

function layoutOf(view: View, rtp: Change | undefined, id: string): VideoLayoutMediaStats {
  const input = view.one("media-source");
  const from = (name: string): number | undefined => input && numberOf(input.now, name);
  const get = (name: string): number | undefined => rtp && numberOf(rtp.now, name);
  return compact<VideoLayoutMediaStats>({
    ...sentOf(view, rtp, id),
    frameRateInput: from("framesPerSecond"),
    frameWidthInput: from("width"),
    frameHeightInput: from("height"),
    framesEncoded: get("framesEncoded"),
    frameRateEncoded: rtp && rateOf(rtp, "framesEncoded"),
    framesSent: get("framesSent"),
    frameRateSent: rtp && rateOf(rtp, "framesSent"),
    frameWidthSent: get("frameWidth"),
    frameHeightSent: get("frameHeight"),
    keyFramesEncoded: get("keyFramesEncoded"),
  });
}

/** What everything that is sent has in common. What arrived is told by the engine. */
function sentOf(view: View, rtp: Change | undefined, id: string): Loose<MediaStatsCommon> {
  const far = view.all("remote-inbound-rtp").find(({ now }) => now["localId"] === rtp?.now["id"]);
  return {
    ...namesOf(view, rtp, id),
    bitrate: rtp && scaled(rateOf(rtp, "bytesSent"), BITS),
    packets: rtp && numberOf(rtp.now, "packetsSent"),
    packetsPerSecond: rtp && rateOf(rtp, "packetsSent"),
    jitterInMs: scaled(far && numberOf(far.now, "jitter"), SECOND),
    packetsLost: far && numberOf(far.now, "packetsLost"),
    packetsLostPerSecond: far && rateOf(far, "packetsLost"),
    rttInMs: scaled(far && numberOf(far.now, "roundTripTime"), SECOND),
  };
}

/** What everything that is received has in common. */
function receivedOf(view: View): Loose<MediaStatsCommon & { jitterBufferDelayInMs?: number }> {
  const rtp = view.one("inbound-rtp");
  const pair = view.named(view.named(rtp?.now, "transportId"), "selectedCandidatePairId");
  return {
    ...namesOf(view, rtp, view.track.id),
    bitrate: rtp && scaled(rateOf(rtp, "bytesReceived"), BITS),
    packets: rtp && numberOf(rtp.now, "packetsReceived"),
    packetsPerSecond: rtp && rateOf(rtp, "packetsReceived"),
    jitterInMs: scaled(rtp && numberOf(rtp.now, "jitter"), SECOND),
    packetsLost: rtp && numberOf(rtp.now, "packetsLost"),
    packetsLostPerSecond: rtp && rateOf(rtp, "packetsLost"),
    rttInMs: scaled(pair && numberOf(pair, "currentRoundTripTime"), SECOND),
    jitterBufferDelayInMs: rtp && delayOf(rtp),
  };
}

function namesOf(view: View, rtp: Change | undefined, id: string): Loose<MediaStatsCommon> {
  const codec = view.named(rtp?.now, "codecId");
  // The kind of media stands before it: `audio/opus`.
  const codecName = codec && textOf(codec, "mimeType")?.split("/")[1];
  return { id, codecName, transportId: rtp && textOf(rtp.now, "transportId") };
}

/** All tracks take the same few ways. */
function transportsOf(views: readonly View[]): TransportMediaStats[] {
  const ways = new Map<string, TransportMediaStats>();
  for (const view of views) {
    for (const { now } of view.all("transport")) {
      const id = textOf(now, "id") ?? "";
      const pair = view.named(now, "selectedCandidatePairId");
      const get = (name: string): number | undefined => pair && numberOf(pair, name);
      const way = compact<TransportMediaStats>({
        id,
        rttInMs: scaled(get("currentRoundTripTime"), SECOND),
        availableIncomingBitrate: get("availableIncomingBitrate"),
        availableOutgoingBitrate: get("availableOutgoingBitrate"),
      });
      ways.set(id, way);
    }
  }
  return [...ways.values()];
}

function differenceOf({ now, before }: Change, name: string): number | undefined {
  const value = numberOf(now, name);
  if (value === undefined) return undefined;
  return value - ((before && numberOf(before, name)) ?? (before === undefined ? value : 0));
}

/** By how much a count grew in a second. */
function rateOf(change: Change, name: string): number | undefined {
  const grown = differenceOf(change, name);
  if (grown === undefined) return undefined;
  // A count that began anew has not shrunk.
  return change.seconds > 0 ? Math.max(0, grown) / change.seconds : 0;
}

function ratioOf(change: Change, part: string, whole: string): number | undefined {
  const [some, all] = [differenceOf(change, part), differenceOf(change, whole)];
  if (some === undefined || all === undefined) return undefined;
  return all > 0 ? Math.min(1, Math.max(0, some / all)) : 0;
}

function delayOf(change: Change): number | undefined {
  const waited = differenceOf(change, "jitterBufferDelay");
  const left = differenceOf(change, "jitterBufferEmittedCount");
  if (waited === undefined || left === undefined) return undefined;
  return left > 0 ? (waited / left) * SECOND : 0;
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value * by;
}

/** Without what the browser did not tell. */
function compact<T extends object>(all: Loose<T>): T {
  const told = Object.entries(all).filter(([, value]) => value !== undefined);
  // What must be there is given by all who call this: the id.
  return Object.fromEntries(told) as T;
}
