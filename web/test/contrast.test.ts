/** Text can be read: every pair of colours in use has a contrast of at least 4.5, in both schemes. */
import { describe, expect, test } from "vitest";
import stage from "../src/sample/stage.css?raw";
import base from "../src/shared/base.css?raw";

const SHEETS = [base, stage];

const WHITE = "#ffffff";

/** Foreground on background, by the names of the colours. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["--ink", "--ground"],
  ["--ink", "--surface"],
  ["--ink", "--hover"],
  ["--quiet", "--ground"],
  ["--quiet", "--surface"],
  ["--quiet", "--tile"],
  ["--quiet", "--hover"],
  ["--accent", "--surface"],
  ["--accent", "--ground"],
  ["--on-accent", "--accent"],
  ["--on-accent", "--accent-strong"],
  [WHITE, "--danger"],
  [WHITE, "--danger-strong"],
  ["--on-notice", "--notice"],
  ["--surface", "--ink"],
  ["--silent", "--surface"],
];

/** Parts of the page, not text: 3 is enough. */
const PARTS: readonly (readonly [string, string])[] = [
  ["--field-line", "--surface"],
  ["--field-line", "--ground"],
  ["--focus", "--ground"],
  ["--focus", "--surface"],
  ["--speaking", "--ground"],
];

function colours(dark: boolean): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const sheet of SHEETS) {
    const blocks = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1] ?? "");
    for (const block of dark ? blocks : blocks.slice(0, 1)) {
      for (const [, name, value] of block.matchAll(/(--[a-z-]+): (#[0-9a-f]{6});/g)) {
        if (name !== undefined && value !== undefined) found.set(name, value);
      }
    }
  }
  return found;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(names: readonly [string, string], dark: boolean): number {
  const palette = colours(dark);
  const [one = 0, other = 0] = names
    .map((name) => luminance(palette.get(name) ?? name))
    .sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
}

describe.each([
  ["light", false],
  ["dark", true],
])("in the %s scheme", (_scheme, dark) => {
  test.each(PAIRS)("%s on %s can be read", (text, ground) => {
    expect(contrast([text, ground], dark)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(PARTS)("%s on %s can be seen", (part, ground) => {
    expect(contrast([part, ground], dark)).toBeGreaterThanOrEqual(3);
  });
});
