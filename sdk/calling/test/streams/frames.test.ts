// @vitest-environment happy-dom
/** Noticing that pictures arrive, and that they have stopped. */
import { beforeEach, expect, test } from "vitest";
import { Frames } from "../../src/streams/frames.js";
import { ManualClock } from "../fakes/clock.js";

let clock: ManualClock;
let frames: Frames;
let heard: string[];
let total: number;

beforeEach(() => {
  clock = new ManualClock();
  heard = [];
  total = 1;
  frames = new Frames(clock, {
    onSize: ({ width, height }) => heard.push(`${width}x${height}`),
    onReceiving: ({ receiving }) => heard.push(`${receiving}`),
  });
  frames.expect({ pictures: true });
});

/** An element on the page, or off it, that shows as many pictures as `total` says. */
function element({ shown }: { readonly shown: boolean }): HTMLVideoElement {
  const video = document.createElement("video");
  video.getVideoPlaybackQuality = () => ({ totalVideoFrames: total }) as VideoPlaybackQuality;
  const box = { top: 0, left: 0, bottom: 180, right: 320, width: 320, height: 180 };
  video.getBoundingClientRect = () => box as DOMRect;
  Object.defineProperty(video, "videoWidth", { value: 640, configurable: true });
  Object.defineProperty(video, "videoHeight", { value: 360, configurable: true });
  if (shown) document.body.append(video);
  frames.add(video);
  return video;
}

function pass(seconds: number, perSecond: number): void {
  for (let second = 0; second < seconds; second += 1) {
    total += perSecond;
    clock.advance(1_000);
  }
}

test("a picture tells its size, and that something arrives", () => {
  element({ shown: true }).dispatchEvent(new Event("loadeddata"));

  expect(heard).toEqual(["640x360", "true"]);
});

test("the black pictures with which the engine ends a stream tell nothing", () => {
  const video = element({ shown: true });
  Object.defineProperty(video, "videoWidth", { value: 8 });
  Object.defineProperty(video, "videoHeight", { value: 8 });

  video.dispatchEvent(new Event("resize"));

  expect(heard).toEqual([]);
});

test("pictures that stop coming have frozen after a few seconds", () => {
  element({ shown: true });
  pass(2, 30);
  heard = [];

  pass(5, 0);

  expect(heard.slice(0, 3)).toEqual(["true", "true", "true"]);
  expect(heard.at(-1)).toBe("false");
});

test("where a browser counts no pictures of streams, its calls back tell that they have frozen", () => {
  const video = element({ shown: true });
  video.getVideoPlaybackQuality = () => ({ totalVideoFrames: 0 }) as VideoPlaybackQuality;
  const asked: (() => void)[] = [];
  video.requestVideoFrameCallback = (call) => asked.push(() => call(0, {} as never));
  const picture = (): void => {
    for (const call of asked.splice(0)) call();
    clock.advance(1_000);
  };
  for (let second = 0; second < 6; second += 1) picture();
  expect(heard).toEqual(["true", "true", "true", "true", "true"]);

  pass(5, 0);
  expect(heard.at(-1)).toBe("false");

  picture();
  expect(heard.at(-1)).toBe("true");
});

test("pictures that come again are noticed", () => {
  element({ shown: true });
  pass(1, 30);
  pass(6, 0);

  pass(1, 30);

  expect(heard.at(-1)).toBe("true");
});

test("an element that nobody sees says nothing: it receives nothing on purpose", () => {
  element({ shown: false });

  pass(10, 0);

  expect(heard).toEqual([]);
});

test("one element that moves is enough", () => {
  element({ shown: true });
  const still = element({ shown: true });
  still.getVideoPlaybackQuality = () => ({ totalVideoFrames: 7 }) as VideoPlaybackQuality;

  pass(10, 30);

  expect(heard.at(-1)).toBe("true");
});

test("without elements nothing is watched", () => {
  const video = element({ shown: true });

  frames.remove(video);
  pass(10, 30);

  expect(frames.isIdle).toBe(true);
  expect(heard).toEqual([]);
});

test("nothing is looked at while no pictures are to be expected, and then again", () => {
  element({ shown: true });
  frames.expect({ pictures: false });

  pass(10, 0);
  expect(clock.isIdle).toBe(true);
  expect(heard).toEqual([]);
  frames.expect({ pictures: true });
  pass(10, 0);

  expect(heard.at(-1)).toBe("false");
});
