/** What a call sends and receives, in numbers. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import type {
  MediaStatsCollectorOptions,
  MediaStatsReportSample,
  MediaStatsReportSummary,
} from "../../src/api/media-stats.js";
import { Features } from "../../src/features/features.js";
import type { Numbers, TrackStats } from "../../src/media/port.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg } from "../fakes/joined.js";

const BO = "8:acs:resource_bo~bo-1";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

interface Told {
  readonly samples: MediaStatsReportSample[];
  readonly summaries: MediaStatsReportSummary[];
  readonly dispose: () => void;
}

function collect(call: Call, options?: MediaStatsCollectorOptions): Told {
  const collector = call.feature(Features.MediaStats).createCollector(options);
  const samples: MediaStatsReportSample[] = [];
  const summaries: MediaStatsReportSummary[] = [];
  collector.on("sampleReported", (sample) => samples.push(sample));
  collector.on("summaryReported", (summary) => summaries.push(summary));
  return { samples, summaries, dispose: () => collector.dispose() };
}

const WAY: readonly Numbers[] = [
  { id: "T1", type: "transport", selectedCandidatePairId: "P1" },
  {
    ...{ id: "P1", type: "candidate-pair", currentRoundTripTime: 0.05 },
    ...{ availableOutgoingBitrate: 2_000_000 },
  },
];

const voice = (second: number, id = "TR_a"): TrackStats => ({
  ...{ direction: "send", source: "microphone", sender: "me", id },
  numbers: [
    {
      ...{ id: "O1", type: "outbound-rtp", timestamp: second * 1_000, bytesSent: second * 3_000 },
      ...{ packetsSent: second * 50, codecId: "C1", transportId: "T1" },
    },
    { id: "S1", type: "media-source", audioLevel: 0.5 },
    {
      ...{ id: "R1", type: "remote-inbound-rtp", localId: "O1", timestamp: second * 1_000 },
      ...{ jitter: 0.004, packetsLost: second * 2, roundTripTime: 0.03 },
    },
    { id: "C1", type: "codec", mimeType: "audio/opus" },
    ...WAY,
  ],
});

const camera = (second: number): TrackStats => {
  const layer = (rid: string, frameWidth: number): Numbers => ({
    ...{ id: `O${rid}`, type: "outbound-rtp", rid, timestamp: second * 1_000, frameWidth },
    ...{ bytesSent: second * 1_000 * frameWidth, framesSent: second * 30 },
  });
  return {
    ...{ direction: "send", source: "camera", sender: "me", id: "TR_v" },
    numbers: [layer("q", 320), layer("f", 1_280), { id: "S2", type: "media-source", width: 1_280 }],
  };
};

const picture = (second: number): TrackStats => ({
  ...{ direction: "receive", source: "camera", sender: BO, id: "TR_b" },
  numbers: [
    {
      ...{ id: "I1", type: "inbound-rtp", timestamp: second * 1_000, transportId: "T1" },
      ...{ bytesReceived: second * 125_000, framesReceived: second * 24, framesPerSecond: 24 },
      ...{ freezeCount: second, totalFreezesDuration: second * 0.2 },
      ...{ jitterBufferDelay: second * 2, jitterBufferEmittedCount: second * 24 },
    },
    ...WAY,
  ],
});

const heard = (second: number): TrackStats => ({
  ...{ direction: "receive", source: "microphone", sender: BO, id: "TR_m" },
  numbers: [
    {
      ...{ id: "I2", type: "inbound-rtp", timestamp: second * 1_000, audioLevel: 0.25 },
      ...{ concealedSamples: second * 480, totalSamplesReceived: second * 48_000 },
    },
  ],
});

async function measure(...moments: readonly (readonly TrackStats[])[]): Promise<void> {
  for (const counted of moments) {
    bench.room.counted = counted;
    await bench.clock.pass(1_000);
  }
}

describe("samples", () => {
  test("are told each second by a collector that was made before the call", async () => {
    const call = bench.join();
    const { samples } = collect(call);
    (await bench.server.next("join")).answer(joined());
    await bench.up(1);

    await measure([voice(1)], [voice(2)]);

    expect(samples).toHaveLength(2);
    expect(samples[1]?.audio.send).toEqual([
      {
        ...{ id: "TR_a", codecName: "opus", bitrate: 24_000, jitterInMs: 4, transportId: "T1" },
        ...{ packets: 100, packetsPerSecond: 50, packetsLost: 4, packetsLostPerSecond: 2 },
        ...{ rttInMs: 30, audioInputLevel: 32_768 },
      },
    ]);
    expect(samples[1]?.transports).toEqual([
      { id: "T1", rttInMs: 50, availableOutgoingBitrate: 2_000_000 },
    ]);
  });

  test("have all lists, also of nothing", async () => {
    const { samples } = collect(await bench.connect());

    await measure([]);

    const none = { send: [], receive: [] };
    expect(samples).toEqual([{ audio: none, video: none, screenShare: none, transports: [] }]);
  });

  test("have the largest size of a picture first, and the others beside it", async () => {
    const { samples } = collect(await bench.connect());

    await measure([camera(1)], [camera(2)]);

    const [sent] = samples[1]?.video.send ?? [];
    expect(sent).toMatchObject({ id: "TR_v", frameWidthSent: 1_280, frameRateSent: 30 });
    expect(sent).toMatchObject({ bitrate: 10_240_000, frameWidthInput: 1_280 });
    expect(sent?.altLayouts).toMatchObject([{ id: "TR_v q", frameWidthSent: 320 }]);
  });

  test("name the streams of others, and how they arrive", async () => {
    const call = await bench.connect({}, joined("Presenter", [leg("bo-1")]));
    bench.room.receive({ sender: BO, source: "camera" });
    const { samples } = collect(call);
    const [stream] = call.remoteParticipants[0]?.videoStreams ?? [];

    await measure([picture(1), heard(1)], [picture(2), heard(2)]);

    expect(samples[1]?.video.receive).toMatchObject([
      {
        ...{ streamId: stream?.id, bitrate: 1_000_000, frameRateReceived: 24, rttInMs: 50 },
        ...{ longestFreezeDurationInMs: 200, totalFreezeDurationInMs: 400 },
      },
    ]);
    expect(samples[1]?.video.receive[0]?.jitterBufferDelayInMs).toBeCloseTo(83.3, 1);
    expect(samples[1]?.audio.receive).toMatchObject([{ healedRatio: 0.01 }]);
  });

  test("of a count that began anew are never negative", async () => {
    const { samples } = collect(await bench.connect());

    await measure([voice(5)], [{ ...voice(6), numbers: voice(6).numbers.map(resetBytes) }]);

    expect(samples[1]?.audio.send[0]?.bitrate).toBe(0);
  });

  test("may be changed by the app without harm", async () => {
    const { samples, summaries } = collect(await bench.connect(), {
      ...{ aggregationInterval: 1, dataPointsPerAggregation: 2 },
    });
    await measure([voice(1)]);
    Object.assign(samples[0]?.audio.send[0] ?? {}, { bitrate: 7 });

    await measure([voice(2)]);

    expect(summaries[0]?.audio.send[0]?.bitrate?.raw).toEqual([0, 24_000]);
  });
});

const resetBytes = (one: Numbers): Numbers => ({ ...one, bytesSent: 10 });

describe("a summary", () => {
  test("takes the samples of each interval together", async () => {
    const { summaries } = collect(await bench.connect(), {
      ...{ aggregationInterval: 2, dataPointsPerAggregation: 2 },
    });

    await measure([voice(1)], [voice(2)], [voice(3)], [voice(4)], [voice(5)]);

    expect(summaries).toHaveLength(1);
    expect(summaries[0]?.audio.send).toMatchObject([
      {
        packets: {
          ...{ raw: [50, 100, 150, 200], timestamp: expect.any(Date) },
          aggregation: { count: [2, 2], sum: [150, 350], min: [50, 150], max: [100, 200] },
        },
        codecName: { raw: ["opus", "opus", "opus", "opus"] },
      },
    ]);
    expect(summaries[0]?.audio.send[0]?.codecName).not.toHaveProperty("aggregation");
  });

  test("counts only the moments in which something was there", async () => {
    const { summaries } = collect(await bench.connect(), {
      ...{ aggregationInterval: 2, dataPointsPerAggregation: 1 },
    });

    await measure([camera(1)], [camera(2), voice(2)]);

    expect(summaries[0]?.audio.send[0]?.packets?.aggregation.count).toEqual([1]);
    expect(summaries[0]?.video.send[0]?.altLayouts).toMatchObject([
      { frameWidthSent: { raw: [320, 320] } },
    ]);
  });
});

describe("a collector", () => {
  test.each([
    { aggregationInterval: 0 },
    { aggregationInterval: 61 },
    { aggregationInterval: 1.5 },
    { dataPointsPerAggregation: 0 },
  ])("is not made with %j", async (options) => {
    const call = await bench.connect();

    expect(() => collect(call, options)).toThrow(expect.objectContaining({ code: 400 }));
  });

  test("tells nothing any more when disposed, and voices are measured no more", async () => {
    const { samples, dispose } = collect(await bench.connect());
    await measure([voice(1)]);

    dispose();
    await measure([voice(2)]);

    expect(samples).toHaveLength(1);
    expect(bench.room.scopes).toEqual(["everything", "pictures"]);
  });

  test("ends with the call", async () => {
    const call = await bench.connect();
    const { samples } = collect(call);

    await call.hangUp();
    await bench.clock.pass(3_000);

    expect(samples).toEqual([]);
  });

  test("goes on in the next room", async () => {
    const { samples } = collect(await bench.connect());
    bench.room.end();
    await bench.clock.passWhenAsked(50);
    await bench.up(2);

    await measure([voice(1)]);

    expect(samples).toHaveLength(1);
  });
});
