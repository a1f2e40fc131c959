/** How errors of pictures on the page come about. */
import { vi } from "vitest";
import { RemoteVideoStreamObject } from "../../src/streams/remote-video-stream.js";
import { VideoStreamRenderer } from "../../src/streams/renderer.js";
import { ManualClock, settled } from "../fakes/clock.js";
import type { Way } from "./row.js";

/** A stream of somebody else, of which nothing comes. */
function stream({ available }: { readonly available: boolean }): RemoteVideoStreamObject {
  const made = new RemoteVideoStreamObject({
    ...{ id: 1, feed: { sender: "bo~p-1", source: "camera" }, clock: new ManualClock() },
    screens: {
      show: () => undefined,
      hide: () => undefined,
      take: () => undefined,
      untake: () => undefined,
    },
  });
  made.setAvailable({ available });
  return made;
}

/** Ways that need a page. */
export const OF_STREAMS = {
  streamUnavailable: () => new VideoStreamRenderer(stream({ available: false })).createView(),
  streamGone: async () => {
    const gone = stream({ available: true });
    const creating = new VideoStreamRenderer(gone).createView();
    await settled();
    gone.setAvailable({ available: false });
    return creating;
  },
  noFrames: async () => {
    vi.useFakeTimers();
    const creating = new VideoStreamRenderer(stream({ available: true })).createView();
    const outcome = creating.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(20_000);
    vi.useRealTimers();
    throw await outcome;
  },
  rendererDisposed: () => {
    const renderer = new VideoStreamRenderer(stream({ available: true }));
    renderer.dispose();
    return renderer.createView();
  },
  rendererDisposedTwice: () => {
    const renderer = new VideoStreamRenderer(stream({ available: true }));
    renderer.dispose();
    renderer.dispose();
  },
} as const satisfies Record<string, Way>;
