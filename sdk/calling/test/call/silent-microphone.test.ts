/** What a call tells of an open microphone that gives no sound at all. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Features } from "../../src/features/features.js";
import type { TrackStats } from "../../src/media/port.js";
import { LocalAudioStream } from "../../src/streams/local-audio-stream.js";
import { Bench } from "../fakes/bench.js";
import { FakeStream, type FakeTrack, track } from "../fakes/tracks.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

function latest(call: Call): Record<string, unknown> {
  const all = call.feature(Features.UserFacingDiagnostics).media.getLatest();
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, one.value]));
}

describe("an open microphone without any sound", () => {
  const voice = (energy: number | undefined): TrackStats => ({
    ...{ direction: "send", source: "microphone", sender: "me", id: "TR_a" },
    numbers: [{ id: "S1", type: "media-source", totalAudioEnergy: energy }],
  });

  async function pass(seconds: number, energy: number | undefined): Promise<void> {
    bench.room.counted = [voice(energy)];
    for (let second = 0; second < seconds; second += 1) await bench.clock.pass(1_000);
  }

  async function speaking(): Promise<Call> {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    return call;
  }

  test("is told after more than half a minute, until there is some", async () => {
    const call = await speaking();
    await pass(1, 0.5);
    await pass(30, 0.5);
    expect(latest(call)).toEqual({});

    await pass(1, 0.5);
    expect(latest(call)).toEqual({ microphoneNotMuteButSilent: true });

    await pass(1, 0.5001);
    expect(latest(call)).toEqual({ microphoneNotMuteButSilent: false });
  });

  test("is told no more to a person who mutes himself", async () => {
    const call = await speaking();
    await pass(32, 0.5);
    expect(latest(call)).toEqual({ microphoneNotMuteButSilent: true });

    await call.mute();
    await pass(1, 0.5);

    expect(latest(call)).toEqual({ microphoneNotMuteButSilent: false });
  });

  test.each([
    ["to a person who is muted", async (call: Call) => call.mute(), 0.5],
    ["by a browser that does not measure it", async () => undefined, undefined],
    [
      "of a voice of the app's own making, which may rest",
      async (call: Call) => {
        const made = new FakeStream([track("made", "audio") as unknown as FakeTrack]);
        // The fake has what the SDK uses of a stream.
        await call.startAudio(new LocalAudioStream(made as unknown as MediaStream));
      },
      0.5,
    ],
  ])("is not told %s", async (_what, first, energy) => {
    const call = await speaking();
    await first(call);

    await pass(40, energy);

    expect(latest(call)).toEqual({});
  });
});
