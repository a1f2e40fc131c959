/** What a renderer needs from a stream, whether it is an own one or somebody else's. */
import type { ScalingMode } from "../api/streams.js";

/** An element that shows a stream. */
export interface Showing {
  /** Resolves when the picture is there; rejects when the stream went away before. */
  readonly ready: Promise<void>;
  /** Stop showing it. */
  release(): void;
}

/** A stream that can be shown in elements. */
export interface ViewSource {
  /** How it is shown when the app says nothing. */
  readonly defaultScalingMode: ScalingMode;
  /** Show it in an element. Throws when the stream is not available now. */
  showIn(video: HTMLVideoElement): Showing;
}

/** Whether something is a stream that can be shown; wrapped in a proxy or not. */
export function isViewSource(stream: unknown): stream is ViewSource {
  return typeof stream === "object" && stream !== null && "showIn" in stream;
}
