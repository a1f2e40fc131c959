// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RemoteVideoStream } from "../../src/api/streams.js";
import type { FeedName, Taker } from "../../src/media/incoming.js";
import { RemoteVideoStreamObject } from "../../src/streams/remote-video-stream.js";
import { VideoStreamRenderer } from "../../src/streams/renderer.js";
import { ManualClock, settled } from "../fakes/clock.js";
import { FakeStream, track } from "../fakes/tracks.js";

const FEED: FeedName = { sender: "bo~p-1", source: "camera" };

let clock: ManualClock;
let arrive: (() => void)[];
let shown: HTMLVideoElement[];
let taker: Taker | undefined;
let stream: RemoteVideoStreamObject;

beforeEach(() => {
  clock = new ManualClock();
  arrive = [];
  shown = [];
  taker = undefined;
  stream = newStream(FEED);
});

afterEach(() => {
  vi.useRealTimers();
});

function newStream(feed: FeedName): RemoteVideoStreamObject {
  return new RemoteVideoStreamObject({
    id: 1,
    feed,
    clock,
    screens: {
      show: (_feed, video, arrived) => {
        shown.push(video);
        arrive.push(arrived);
      },
      hide: (_feed, video) => {
        shown = shown.filter((one) => one !== video);
      },
      take: (_feed, wanted) => {
        taker = wanted;
      },
      untake: () => {
        taker = undefined;
      },
    },
  });
}

describe("the stream itself", () => {
  const stub = (): void => void vi.stubGlobal("MediaStream", FakeStream);
  afterEach(() => void vi.unstubAllGlobals());

  test("is handed out, the same one each time, and follows the track", async () => {
    stub();
    stream.setAvailable({ available: true });
    const [first, second] = [track("first"), track("second")];
    const asked = [stream.getMediaStream(), stream.getMediaStream()];
    taker?.(first);

    const [one, other] = await Promise.all(asked);
    taker?.(second);

    expect(one).toBe(other);
    expect(one?.getTracks()).toEqual([second]);
  });

  test("is not to be had while the sender sends nothing, and ends with the sending", async () => {
    stub();
    await expect(stream.getMediaStream()).rejects.toMatchObject({ code: 412, subCode: 43200 });
    stream.setAvailable({ available: true });
    const asked = stream.getMediaStream();
    await settled();

    stream.setAvailable({ available: false });

    await expect(asked).rejects.toMatchObject({ code: 404, subCode: 43202 });
    expect(taker).toBeUndefined();
  });
});

/** The picture has come from the network. */
function come(): void {
  for (const arrived of arrive) arrived();
}

describe("a view", () => {
  test("resolves when the picture is there, in an element with a silent video", async () => {
    stream.setAvailable({ available: true });
    const creating = new VideoStreamRenderer(stream).createView();
    await settled();
    come();

    const view = await creating;

    const video = view.target.querySelector("video");
    expect(video?.muted).toBe(true);
    expect(video?.playsInline).toBe(true);
    expect(shown).toEqual([video]);
    expect(view.scalingMode).toBe("Crop");
    expect(view.isMirrored).toBe(false);
  });

  test("of a screen shows all of it", async () => {
    const screen = newStream({ sender: "bo~p-1", source: "screen" });
    screen.setAvailable({ available: true });
    const creating = new VideoStreamRenderer(screen).createView();
    await settled();
    come();

    expect((await creating).scalingMode).toBe("Fit");
  });

  test("is scaled and mirrored as asked, and scaled anew later", async () => {
    stream.setAvailable({ available: true });
    const renderer = new VideoStreamRenderer(stream);
    const creating = renderer.createView({ scalingMode: "Fit", isMirrored: true });
    await settled();
    come();
    const view = await creating;
    const style = view.target.querySelector("video")?.style;

    expect(style?.objectFit).toBe("contain");
    expect(style?.transform).toBe("scaleX(-1)");
    await view.updateScalingMode("Stretch");

    expect(style?.objectFit).toBe("fill");
    expect(view.scalingMode).toBe("Stretch");
  });

  test("is taken off by dispose, once, and can be made again", async () => {
    stream.setAvailable({ available: true });
    const renderer = new VideoStreamRenderer(stream);
    const first = renderer.createView();
    await settled();
    come();
    const view = await first;
    document.body.append(view.target);

    view.dispose();
    view.dispose();
    expect(shown).toEqual([]);
    expect(document.body.children).toHaveLength(0);
    const second = renderer.createView();
    await settled();
    come();

    expect(await second).not.toBe(view);
  });

  test("there may be several of one stream", async () => {
    stream.setAvailable({ available: true });
    const renderer = new VideoStreamRenderer(stream);
    const creating = [renderer.createView(), renderer.createView()];
    await settled();
    come();
    const views = await Promise.all(creating);

    views[0]?.dispose();

    expect(shown).toHaveLength(1);
  });
});

describe("no view is made", () => {
  test("of a stream that is not available", async () => {
    const renderer = new VideoStreamRenderer(stream);

    await expect(renderer.createView()).rejects.toMatchObject({ code: 412, subCode: 43200 });
  });

  test("of a stream that goes away meanwhile", async () => {
    stream.setAvailable({ available: true });
    const creating = new VideoStreamRenderer(stream).createView();
    await settled();

    stream.setAvailable({ available: false });

    await expect(creating).rejects.toMatchObject({ code: 404, subCode: 43202 });
    expect(shown).toEqual([]);
  });

  test("of a stream that sends nothing", async () => {
    vi.useFakeTimers();
    stream.setAvailable({ available: true });
    const creating = new VideoStreamRenderer(stream).createView().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(20_000);

    expect(await creating).toMatchObject({ code: 408, subCode: 43203 });
    expect(shown).toEqual([]);
  });

  test("by a renderer that is disposed, before or meanwhile", async () => {
    stream.setAvailable({ available: true });
    const renderer = new VideoStreamRenderer(stream);
    const creating = renderer.createView().catch((error: unknown) => error);
    await settled();

    renderer.dispose();

    expect(await creating).toBeInstanceOf(Error);
    await expect(renderer.createView()).rejects.toMatchObject({ code: 405, subCode: 43209 });
    expect(() => renderer.dispose()).toThrow(expect.objectContaining({ subCode: 43210 }));
  });

  test("of something that is no stream", () => {
    // What untyped apps pass.
    const nonsense = {} as RemoteVideoStream;

    expect(() => new VideoStreamRenderer(nonsense)).toThrow(expect.objectContaining({ code: 400 }));
  });
});

describe("what a stream tells of its pictures", () => {
  test("the first picture makes it receiving, with a size", async () => {
    const heard: string[] = [];
    stream.on("isAvailableChanged", () => heard.push(`available ${stream.isAvailable}`));
    stream.on("isReceivingChanged", () => heard.push(`receiving ${stream.isReceiving}`));
    stream.on("sizeChanged", () => heard.push(`${stream.size.width}x${stream.size.height}`));
    stream.setAvailable({ available: true });
    stream.showIn(picture(1280, 720));
    shown[0]?.dispatchEvent(new Event("loadeddata"));

    stream.setAvailable({ available: false });

    expect(heard).toEqual([
      "available true",
      "1280x720",
      "receiving true",
      "available false",
      "receiving false",
    ]);
  });

  test("a wrapped stream can be shown, too", async () => {
    stream.setAvailable({ available: true });
    const creating = new VideoStreamRenderer(new Proxy(stream, {})).createView();
    await settled();
    come();

    expect((await creating).target).toBeInstanceOf(HTMLElement);
  });
});

/** An element whose picture has a size. */
function picture(width: number, height: number): HTMLVideoElement {
  const video = document.createElement("video");
  Object.defineProperties(video, { videoWidth: { value: width }, videoHeight: { value: height } });
  return video;
}
