/** What a call tells of the person's own devices. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Call } from "../../src/api/call.js";
import type { LatestMediaDiagnostics } from "../../src/api/diagnostics.js";
import { Features } from "../../src/features/features.js";
import type { TrackStats } from "../../src/media/port.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
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
  const all: LatestMediaDiagnostics = call
    .feature(Features.UserFacingDiagnostics)
    .media.getLatest();
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, one.value]));
}

async function camera(): Promise<LocalVideoStream> {
  const [first] = await bench.devices.getCameras();
  if (first === undefined) throw new Error("There are cameras.");
  return new LocalVideoStream(first);
}

/** Fail to open a device, with the name and the words of the browser's error. */
function breakDevice(kind: "audio" | "video" | "screen", name: string, message = "no"): void {
  const fail = async (): Promise<never> => {
    throw Object.assign(new Error(message), { name });
  };
  if (kind === "screen") bench.browser.getDisplayMedia = fail;
  else bench.browser.getUserMedia = fail;
}

describe("a device that does not open", () => {
  test.each([
    ["NotAllowedError", "Permission denied", "cameraPermissionDenied"],
    ["NotReadableError", "Could not start video source", "cameraStartFailed"],
    ["AbortError", "Timeout starting video source", "cameraStartTimedOut"],
    ["NotFoundError", "Requested device not found", "cameraStartFailed"],
  ])("is told for a camera that fails with %s: %s", async (name, message, expected) => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await camera();
    breakDevice("video", name, message);

    await expect(call.startVideo(stream)).rejects.toThrow();

    expect(latest(call)).toEqual({ [expected]: true });
  });

  test("is told no more once it opened", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await camera();
    bench.browser.broken.set("video", "NotReadableError");
    await expect(call.startVideo(stream)).rejects.toThrow();

    bench.browser.broken.clear();
    await call.startVideo(stream);

    expect(latest(call)).toEqual({ cameraStartFailed: false });
  });

  test.each([
    ["NotAllowedError", "microphonePermissionDenied"],
    ["NotReadableError", "microphoneNotFunctioning"],
    ["NotFoundError", "microphoneNotFunctioning"],
  ])("is told for a microphone that fails with %s", async (name, expected) => {
    bench.browser.broken.set("audio", name);

    const call = await bench.connect();
    await bench.until(() => call.isMuted);

    expect(latest(call)).toEqual({ [expected]: true });
  });

  test.each([
    ["NotAllowedError", "Permission denied by system", { screenshareRecordingDisabled: true }],
    ["NotAllowedError", "Permission denied", {}],
    ["NotReadableError", "Could not start", { capturerStartFailed: true }],
  ])("is told for a screen that fails with %s: %s", async (name, message, expected) => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    breakDevice("screen", name, message);

    await expect(call.startScreenSharing()).rejects.toThrow();

    expect(latest(call)).toEqual(expected);
  });

  test("is not told when the engine refuses what it gives", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    bench.room.publishError = new Error("no");

    const started = call.startVideo(await camera()).catch((error: unknown) => error);
    await bench.clock.passWhenAsked(500);
    await bench.clock.passWhenAsked(500);
    await started;

    expect(latest(call)).toEqual({});
  });
});

describe("a device that goes away", () => {
  test.each([
    ["camera", "cameraStoppedUnexpectedly"],
    ["screen", "capturerStoppedUnexpectedly"],
  ])("is told for a %s, until the next one", async (what, expected) => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const start = async (): Promise<void> =>
      what === "camera" ? call.startVideo(await camera()) : call.startScreenSharing();
    await start();

    bench.browser.opened.at(-1)?.unplug();
    await bench.until(() => call.localVideoStreams.length === 0);
    expect(latest(call)).toEqual({ [expected]: true });

    await start();
    expect(latest(call)).toEqual({ [expected]: false });
  });

  test("is not told when the app closes it", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await camera();
    await call.startVideo(stream);

    stream.dispose();
    await bench.until(() => !call.isLocalVideoStarted);

    expect(latest(call)).toEqual({});
  });

  test("is told for a microphone when none takes its place: the person is muted then", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    bench.browser.broken.set("audio", "NotFoundError");

    bench.browser.opened[0]?.unplug();
    await bench.until(() => call.isMuted);
    await bench.clock.pass(0);
    const gone = { microphoneNotFunctioning: true, microphoneMuteUnexpectedly: true };
    expect(latest(call)).toEqual(gone);

    bench.browser.broken.clear();
    await call.unmute();
    expect(Object.values(latest(call))).toEqual([false, false]);
  });
});

describe("a microphone that the system silences", () => {
  async function speaking(): Promise<{ call: Call; microphone: FakeTrack }> {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const [microphone] = bench.browser.opened;
    if (microphone === undefined) throw new Error("A microphone is open.");
    return { call, microphone };
  }

  test("is told at once, and as not functioning after ten seconds, until it is back", async () => {
    const { call, microphone } = await speaking();
    microphone.silence({ muted: true });
    expect(latest(call)).toEqual({ microphoneMuteUnexpectedly: true });

    await bench.clock.pass(10_000);
    expect(latest(call)).toMatchObject({ microphoneNotFunctioning: true });

    microphone.silence({ muted: false });
    expect(Object.values(latest(call))).toEqual([false, false]);
  });

  test("is no news to a person who is muted", async () => {
    const { call, microphone } = await speaking();
    await call.mute();

    microphone.silence({ muted: true });
    await bench.clock.pass(20_000);

    expect(latest(call)).toEqual({});
  });
});

describe("speaking while muted", () => {
  let loudness = 0;
  const copies: FakeTrack[] = [];
  const listening = (): number => copies.filter(({ readyState }) => readyState === "live").length;

  beforeEach(() => {
    loudness = 0;
    copies.length = 0;
    vi.stubGlobal(
      "AudioContext",
      class {
        close = async (): Promise<void> => undefined;
      },
    );
    vi.stubGlobal(
      "AnalyserNode",
      class {
        getFloatTimeDomainData = (samples: Float32Array): Float32Array => samples.fill(loudness);
      },
    );
    vi.stubGlobal(
      "MediaStreamAudioSourceNode",
      class {
        connect = (): void => undefined;
        constructor(_: unknown, { mediaStream }: { mediaStream: FakeStream }) {
          copies.push(...mediaStream.getTracks());
        }
      },
    );
  });

  async function muted(): Promise<Call> {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    await call.mute();
    return call;
  }

  test("is told after half a second, and no more after three seconds of silence", async () => {
    const call = await muted();
    loudness = 0.2;
    await bench.clock.pass(800);
    expect(latest(call)).toEqual({ speakingWhileMicrophoneIsMuted: true });

    loudness = 0.001;
    await bench.clock.pass(3_200);

    expect(latest(call)).toEqual({ speakingWhileMicrophoneIsMuted: false });
  });

  test("is not a cough", async () => {
    const call = await muted();
    loudness = 0.2;
    await bench.clock.pass(300);
    loudness = 0.001;
    await bench.clock.pass(3_000);

    expect(latest(call)).toEqual({});
  });

  test("ends when the person is heard, and then nobody listens", async () => {
    const call = await muted();
    loudness = 0.2;
    await bench.clock.pass(800);
    expect(listening()).toBe(1);

    await call.unmute();

    expect(latest(call)).toEqual({ speakingWhileMicrophoneIsMuted: false });
    expect(listening()).toBe(0);
  });

  test("opens no microphone that is closed", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    loudness = 0.2;

    await bench.clock.pass(3_000);

    expect(latest(call)).toEqual({});
    expect([bench.browser.opened, copies]).toEqual([[], []]);
  });

  test("is not noticed where the browser cannot listen, and muting works all the same", async () => {
    vi.stubGlobal("AnalyserNode", undefined);

    const call = await muted();
    loudness = 0.2;
    await bench.clock.pass(1_000);

    expect([call.isMuted, latest(call)]).toEqual([true, {}]);
  });

  test("is listened for no more when the call is over", async () => {
    const call = await muted();

    await call.hangUp();

    expect(listening()).toBe(0);
  });
});

describe("a frozen camera", () => {
  const frames = (count: number): TrackStats => ({
    ...{ direction: "send", source: "camera", sender: "me", id: "TR_v" },
    numbers: [{ id: "S1", type: "media-source", frames: count }],
  });

  async function pass(seconds: number, count: number): Promise<void> {
    bench.room.counted = [frames(count)];
    for (let second = 0; second < seconds; second += 1) await bench.clock.pass(1_000);
  }

  test("is told after more than five seconds without a frame, until there are some", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    await call.startVideo(await camera());
    await pass(1, 30);
    await pass(5, 30);
    expect(latest(call)).toEqual({});

    await pass(1, 30);
    expect(latest(call)).toEqual({ cameraFreeze: true });

    await pass(1, 31);
    expect(latest(call)).toEqual({ cameraFreeze: false });
  });

  test("is no camera of the app's own making, which may rest", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const own = new FakeStream([track("drawn") as unknown as FakeTrack]);
    // The fake has what the SDK uses of a stream.
    await call.startVideo(new LocalVideoStream(own as unknown as MediaStream));

    await pass(10, 30);

    expect(latest(call)).toEqual({});
  });
});

describe("devices that are not there", () => {
  test("are told for microphones and speakers, until one is plugged in", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const [front] = bench.browser.devices;
    const all = bench.browser.devices;
    if (front === undefined) throw new Error("There is a camera.");

    bench.browser.plug(front);
    await bench.until(() => Object.keys(latest(call)).length === 2);
    expect(Object.values(latest(call))).toEqual([true, true]);
    bench.browser.plug(...all);
    await bench.until(() => Object.values(latest(call)).includes(false));

    expect(latest(call)).toEqual({
      ...{ noMicrophoneDevicesEnumerated: false, noSpeakerDevicesEnumerated: false },
    });
  });

  test("are not told of speakers before the person has granted anything", async () => {
    bench.browser.granted = false;
    const call = await bench.connect({ audioOptions: { muted: true } });
    const [front] = bench.browser.devices;
    if (front === undefined) throw new Error("There is a camera.");

    bench.browser.plug(front);
    await bench.until(() => Object.keys(latest(call)).length > 0);

    expect(latest(call)).toEqual({ noMicrophoneDevicesEnumerated: true });
  });
});
