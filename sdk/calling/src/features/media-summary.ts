/** Takes the samples of a longer time together. */
import type {
  AggregatedMediaStats,
  MediaStatsReportSample,
  MediaStatsReportSummary,
  MediaStatsValues,
} from "../api/media-stats.js";

type Value = AggregatedMediaStats | MediaStatsValues<string>;
type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

/** How samples are taken together. */
export interface Windows {
  /** Samples in one interval. */
  readonly size: number;
  readonly timestamp: Date;
}

/** The summary of samples, the oldest first. */
export function summarize(
  samples: readonly MediaStatsReportSample[],
  windows: Windows,
): MediaStatsReportSummary {
  // An entry is looked at name by name here, whatever it is an entry of.
  const of = (pick: (sample: MediaStatsReportSample) => readonly object[]): unknown[] =>
    merge(samples.map(pick) as (readonly Entry[])[], windows);
  const kind = (name: "audio" | "video" | "screenShare"): unknown => ({
    send: of((sample) => sample[name].send),
    receive: of((sample) => sample[name].receive),
  });
  // Built from samples field by field, so that it has their shape with other values.
  return {
    audio: kind("audio"),
    video: kind("video"),
    screenShare: kind("screenShare"),
    transports: of((sample) => sample.transports),
  } as MediaStatsReportSummary;
}

/** One entry for each id that was there, with all its values. */
function merge(moments: readonly (readonly Entry[])[], windows: Windows): unknown[] {
  const ids = new Set(moments.flatMap((entries) => entries.map(({ id }) => id)));
  return [...ids].map((id) =>
    together(
      moments.map((entries) => entries.find((one) => one.id === id)),
      windows,
    ),
  );
}

/** `entries`: the same thing in each moment, undefined when it was not there. */
function together(entries: readonly (Entry | undefined)[], windows: Windows): object {
  const names = new Set(entries.flatMap((entry) => Object.keys(entry ?? {})));
  const all = [...names].map((name) => {
    const values = entries.map((entry) => entry?.[name]);
    if (name !== "altLayouts") return [name, valuesOf(values, windows)] as const;
    const layouts = values.map((one) => (one ?? []) as readonly Entry[]);
    return [name, merge(layouts, windows)] as const;
  });
  return Object.fromEntries(all);
}

function valuesOf(values: readonly unknown[], { size, timestamp }: Windows): Value {
  const told = values.filter((value) => value !== undefined);
  if (!told.some((value) => typeof value === "number")) {
    return { raw: told as string[], timestamp };
  }
  const aggregation = { count: [], sum: [], min: [], max: [] } as Record<string, number[]>;
  for (let from = 0; from < values.length; from += size) {
    const some = values.slice(from, from + size).filter((one) => typeof one === "number");
    aggregation["count"]?.push(some.length);
    aggregation["sum"]?.push(some.reduce((sum, one) => sum + one, 0));
    aggregation["min"]?.push(some.length === 0 ? 0 : Math.min(...some));
    aggregation["max"]?.push(some.length === 0 ? 0 : Math.max(...some));
  }
  return { raw: told, aggregation, timestamp } as unknown as Value;
}
