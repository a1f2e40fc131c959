/** Up to how much of a picture is sent. */
import type { MediaConstraintRange, VideoConstraints } from "../api/call.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { isFields } from "../kernel/values.js";

/** Pixels, pictures per second and bits per second of all sizes together; `Infinity` where there is no limit. */
export interface PictureLimits {
  readonly height: number;
  readonly frameRate: number;
  readonly bitrate: number;
}

/** As much as the network bears. */
export const NO_LIMITS: PictureLimits = {
  height: Infinity,
  frameRate: Infinity,
  bitrate: Infinity,
};

/** The limits after an app asked for others: 0 lifts one, and what it left out stays. Throws 400/49019. */
export function limitsBy(now: PictureLimits, asked: VideoConstraints | undefined): PictureLimits {
  const send = partOf(partOf({ asked }, "asked"), "send");
  return {
    height: maximum(now.height, partOf(send, "frameHeight")),
    frameRate: maximum(now.frameRate, partOf(send, "frameRate")),
    bitrate: maximum(now.bitrate, partOf(send, "bitrate")),
  };
}

/** A part of what an app handed over, which may be of any shape in an app without types. */
function partOf<T extends object, K extends keyof T>(whole: T | undefined, name: K): T[K] {
  const part = whole?.[name];
  if (part !== undefined && !isFields(part)) throw raise(FAILURES.badConstraints);
  return part as T[K];
}

function maximum(now: number, range: MediaConstraintRange | undefined): number {
  const max = range?.max;
  if (max === undefined) return now;
  if (typeof max !== "number" || !(max >= 0)) throw raise(FAILURES.badConstraints);
  return max === 0 ? Infinity : max;
}
