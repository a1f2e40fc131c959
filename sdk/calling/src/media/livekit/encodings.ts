/** Keeps what a browser's encoder makes of a picture within limits. */
import type { PictureLimits } from "../limits.js";

/** What an encoder may make of one size of a picture. */
export type Encoding = Pick<
  RTCRtpEncodingParameters,
  "maxBitrate" | "maxFramerate" | "scaleResolutionDownBy"
>;

/**
 * The encodings of all sizes of a picture of this height, within limits. The sizes shrink together,
 * and share the bits as they did.
 */
export function limited(
  encodings: readonly Encoding[],
  limits: PictureLimits,
  height: number,
): readonly Encoding[] {
  const bits = encodings.map(({ maxBitrate = limits.bitrate }) => maxBitrate);
  const share = limits.bitrate / bits.reduce((sum, one) => sum + one, 0);
  const tallest = height / Math.min(...encodings.map(scaleOf));
  const shrink = Math.max(1, tallest / limits.height);
  return encodings.map((one, at) => ({
    ...one,
    ...(shrink > 1 && { scaleResolutionDownBy: scaleOf(one) * shrink }),
    ...(share <= 1 && { maxBitrate: Math.ceil((bits[at] ?? 0) * share) }),
    ...(Number.isFinite(limits.frameRate) && {
      maxFramerate: Math.min(one.maxFramerate ?? Infinity, limits.frameRate),
    }),
  }));
}

function scaleOf({ scaleResolutionDownBy = 1 }: Encoding): number {
  return scaleResolutionDownBy;
}

/**
 * Let a sender make no more of its picture than this. Sizes that are off stay as they are: for some browsers
 * the client makes them off by making them tiny.
 */
export async function encode(sender: RTCRtpSender, next: readonly Encoding[]): Promise<void> {
  const parameters = sender.getParameters();
  parameters.encodings = parameters.encodings.map((one, at) => {
    if (one.active === false) return one;
    const { maxBitrate: _bits, maxFramerate: _rate, scaleResolutionDownBy: _scale, ...rest } = one;
    return { ...rest, ...next[at] };
  });
  await sender.setParameters(parameters);
}

/** What of an encoding is a size's own, apart from whether it is sent at all. */
export function pick({ maxBitrate, maxFramerate, scaleResolutionDownBy }: Encoding): Encoding {
  return {
    ...(maxBitrate !== undefined && { maxBitrate }),
    ...(maxFramerate !== undefined && { maxFramerate }),
    ...(scaleResolutionDownBy !== undefined && { scaleResolutionDownBy }),
  };
}
