/** Cameras that are open while somebody needs them. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { VideoDeviceInfo } from "../../src/api/devices.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { FakeBrowser } from "../fakes/browser.js";
import { FakeStream, FakeTrack } from "../fakes/tracks.js";

const FRONT: VideoDeviceInfo = {
  id: "camera:front",
  name: "Front camera",
  deviceType: "UsbCamera",
};
const DESK: VideoDeviceInfo = { id: "camera:desk", name: "Desk camera", deviceType: "UsbCamera" };

let browser: FakeBrowser;

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
});

afterEach(() => {
  browser.leave();
  vi.useRealTimers();
});

/** An element that shows what it is told. */
function element(): HTMLVideoElement {
  // Only what a stream uses of an element.
  return { srcObject: null, play: async () => undefined } as unknown as HTMLVideoElement;
}

describe("a stream of a camera", () => {
  test("opens nothing until it is needed", () => {
    const stream = new LocalVideoStream(FRONT);

    expect(browser.opened).toEqual([]);
    expect(stream.source).toEqual(FRONT);
    expect(stream.mediaStreamType).toBe("Video");
  });

  test("opens once for however many users", async () => {
    const stream = new LocalVideoStream(FRONT);

    await Promise.all([stream.getMediaStream(), stream.showIn(element()).ready]);

    expect(browser.opened).toHaveLength(1);
  });

  test("is closed a moment after its last preview is taken off", async () => {
    const stream = new LocalVideoStream(FRONT);
    const first = stream.showIn(element());
    const second = stream.showIn(element());
    await Promise.all([first.ready, second.ready]);

    first.release();
    second.release();
    expect(browser.live).toEqual(["Front camera"]);
    vi.advanceTimersByTime(1_000);

    expect(browser.live).toEqual([]);
  });

  test("stays open when the preview is made anew at once", async () => {
    const stream = new LocalVideoStream(FRONT);
    const first = stream.showIn(element());
    await first.ready;

    first.release();
    await stream.showIn(element()).ready;
    vi.advanceTimersByTime(10_000);

    expect(browser.opened).toHaveLength(1);
    expect(browser.live).toEqual(["Front camera"]);
  });

  test("is closed by dispose, and opens again when it is used again", async () => {
    const stream = new LocalVideoStream(FRONT);
    await stream.getMediaStream();

    stream.dispose();
    expect(browser.live).toEqual([]);
    await stream.getMediaStream();

    expect(browser.live).toEqual(["Front camera"]);
  });

  test("that nobody wants any more when it opens is closed again", async () => {
    browser.ask();
    const showing = new LocalVideoStream(FRONT).showIn(element());

    showing.release();
    vi.advanceTimersByTime(1_000);
    browser.answer();
    await showing.ready;

    expect(browser.live).toEqual([]);
  });
});

describe("switching", () => {
  test("shows the other camera in previews, and closes the first", async () => {
    const stream = new LocalVideoStream(FRONT);
    const video = element();
    const changes: unknown[] = [];
    stream.on("videoSourceChanged", ({ source }) => changes.push(source));
    await stream.showIn(video).ready;

    await stream.switchSource(DESK);

    expect(browser.live).toEqual(["Desk camera"]);
    expect((video.srcObject as MediaStream).getVideoTracks()[0]?.label).toBe("Desk camera");
    expect(stream.source).toEqual(DESK);
    expect(changes).toEqual([stream]);
  });

  test("while it is closed only changes what will be opened", async () => {
    const stream = new LocalVideoStream(FRONT);

    await stream.switchSource(DESK);
    expect(browser.opened).toEqual([]);
    await stream.getMediaStream();

    expect(browser.live).toEqual(["Desk camera"]);
  });

  test("works where only one camera can be open", async () => {
    const stream = new LocalVideoStream(FRONT);
    await stream.getMediaStream();
    const open = browser.getUserMedia.bind(browser);
    browser.getUserMedia = async (constraints) => {
      if (browser.live.length > 0)
        throw Object.assign(new Error("busy"), { name: "NotReadableError" });
      return open(constraints);
    };

    await stream.switchSource(DESK);

    expect(browser.live).toEqual(["Desk camera"]);
  });

  test("that fails leaves the camera as it was", async () => {
    const stream = new LocalVideoStream(FRONT);
    await stream.getMediaStream();

    const gone = { ...DESK, id: "camera:gone" };
    await expect(stream.switchSource(gone)).rejects.toMatchObject({ subCode: 43013 });

    expect(stream.source).toEqual(FRONT);
    expect(browser.live).toEqual(["Front camera"]);
  });

  test("to the same camera or to nonsense is refused", async () => {
    const stream = new LocalVideoStream(FRONT);

    await expect(stream.switchSource({ ...FRONT })).rejects.toMatchObject({ subCode: 43005 });
    // What untyped apps pass.
    const nonsense = {} as VideoDeviceInfo;
    await expect(stream.switchSource(nonsense)).rejects.toMatchObject({ subCode: 43004 });
  });
});

describe("a stream of the app's own", () => {
  test("is never closed by the SDK", async () => {
    const track = new FakeTrack("video", "Canvas");
    // The fake stands in for the browser's class.
    const raw = new FakeStream([track]) as unknown as MediaStream;
    const stream = new LocalVideoStream(raw);
    await stream.getMediaStream();

    stream.dispose();

    expect(stream.mediaStreamType).toBe("RawMedia");
    expect(stream.source.deviceType).toBe("Unknown");
    expect(track.readyState).toBe("live");
    await expect(stream.switchSource(DESK)).rejects.toMatchObject({ subCode: 43004 });
  });

  test("needs a picture", async () => {
    const empty = new LocalVideoStream(new FakeStream([]) as unknown as MediaStream);

    await expect(empty.getMediaStream()).rejects.toMatchObject({ subCode: 43014 });
  });
});

test.each([[{}], [{ id: "microphone:headset" }], [null], ["camera:front"]])(
  "%j is no camera",
  (source) => {
    expect(() => new LocalVideoStream(source as VideoDeviceInfo)).toThrow(
      expect.objectContaining({ code: 400, subCode: 43004 }),
    );
  },
);
