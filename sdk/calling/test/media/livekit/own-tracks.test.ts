// @vitest-environment happy-dom
/** Limits of a picture, whatever livekit-client does to it: by what the sender is told. */
import { setLogLevel, VideoQuality } from "livekit-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NO_LIMITS } from "../../../src/media/limits.js";
import { OwnVideoTrack } from "../../../src/media/livekit/own-tracks.js";
import { track } from "../../fakes/tracks.js";

const CHOSEN = [
  { rid: "q", active: true, scaleResolutionDownBy: 4, maxBitrate: 200_000, maxFramerate: 20 },
  { rid: "h", active: true, scaleResolutionDownBy: 2, maxBitrate: 600_000, maxFramerate: 20 },
  { rid: "f", active: true, scaleResolutionDownBy: 1, maxBitrate: 1_200_000, maxFramerate: 30 },
];
const HALF = { ...NO_LIMITS, height: 360 };
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

/** A sender that keeps what it is told, as far as the client uses one. */
class FakeSender {
  transport = null;
  encodings = structuredClone(CHOSEN);

  getParameters(): { encodings: typeof CHOSEN } {
    return { encodings: structuredClone(this.encodings) };
  }

  async setParameters({ encodings }: { encodings: typeof CHOSEN }): Promise<void> {
    this.encodings = structuredClone(encodings);
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map();
  }

  async replaceTrack(): Promise<void> {
    /* The picture is another; the encodings stay. */
  }

  get scales(): (number | undefined)[] {
    return this.encodings.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy);
  }
}

setLogLevel("silent");

let sender: FakeSender;
let sent: OwnVideoTrack;

function picture(height: number): MediaStreamTrack {
  const settings = { width: (height * 16) / 9, height };
  return Object.assign(track("camera"), {
    getSettings: () => settings,
    getConstraints: () => ({}),
  });
}

/** Which sizes are watched now: the client switches the others off. */
function watch(...watched: VideoQuality[]): Promise<void> {
  const all = [VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH];
  const told = all.map((quality) => ({ quality, enabled: watched.includes(quality) }));
  return sent.setPublishingLayers(false, told as Parameters<typeof sent.setPublishingLayers>[1]);
}

function begin(browser: string): void {
  vi.stubGlobal("navigator", { userAgent: browser });
  vi.stubGlobal("MediaStream", class {});
  sender = new FakeSender();
  sent = new OwnVideoTrack(picture(720), undefined, true);
  sent.sender = sender as unknown as RTCRtpSender;
  // As the client does once it is published.
  sent.startMonitor({} as Parameters<typeof sent.startMonitor>[0]);
}

afterEach(() => {
  sent.stopMonitor();
  vi.unstubAllGlobals();
});

describe.each([
  ["Firefox", FIREFOX],
  ["Chrome", CHROME],
])("in %s a picture", (_name, browser) => {
  beforeEach(() => begin(browser));

  test("is sent as the client would when nobody has asked for limits", async () => {
    await watch(VideoQuality.LOW);
    await watch(VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH);

    expect(sender.encodings).toMatchObject(CHOSEN);
  });

  test("is within limits again when a size is switched on again", async () => {
    await sent.limit(HALF);
    await watch(VideoQuality.LOW);

    await watch(VideoQuality.LOW, VideoQuality.HIGH);

    const [low, , high] = sender.encodings;
    expect(low).toMatchObject({ active: true, scaleResolutionDownBy: 8 });
    expect(high).toMatchObject({ active: true, scaleResolutionDownBy: 2 });
  });

  test("is within limits that were asked for while a size was off", async () => {
    await watch(VideoQuality.LOW);
    await sent.limit({ ...HALF, bitrate: 1_000_000 });

    await watch(VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH);

    expect(sender.scales).toEqual([8, 4, 2]);
    expect(sender.encodings.map(({ maxBitrate }) => maxBitrate)).toEqual([
      ...[100_000, 300_000, 600_000],
    ]);
  });

  test("is whole again when limits are lifted, also what was off then", async () => {
    await sent.limit(HALF);
    await watch(VideoQuality.LOW);
    await sent.limit(NO_LIMITS);

    await watch(VideoQuality.LOW, VideoQuality.MEDIUM, VideoQuality.HIGH);

    expect(sender.encodings).toMatchObject(CHOSEN);
  });

  test("of another camera is within the same limits", async () => {
    await sent.limit(HALF);

    await sent.replace(picture(1440));

    expect(sender.scales).toEqual([16, 8, 4]);
  });
});

test("a size that Firefox makes tiny because nobody watches it stays tiny", async () => {
  begin(FIREFOX);
  await sent.limit(HALF);
  await watch(VideoQuality.LOW);

  await sent.limit({ ...HALF, frameRate: 10 });

  expect(sender.encodings[2]).toMatchObject({ active: false, maxBitrate: 10 });
  expect(sender.encodings[0]).toMatchObject({ active: true, maxFramerate: 10 });
});
