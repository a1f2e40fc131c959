/** Names are what people typed: cut, cleaned and isolated before anybody sees them. */

const LONGEST = 80;
const MOST_MARKS = 4;

// Controls, and the characters that turn the writing direction of what follows.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;
const MARK = /\p{M}/u;
const HAS_LETTER = /[\p{L}\p{N}]/u;

/** A name as it is shown: one line, no turning of direction, not longer than a line can bear. */
export function shownName(name: string | undefined, fallback = "Guest"): string {
  const clean = (name ?? "").replace(UNSEEN, " ").replace(/\s+/g, " ").trim();
  if (clean === "") return fallback;
  const parts = graphemes(clean);
  const cut = parts.slice(0, LONGEST).map(tame).join("");
  return parts.length > LONGEST ? `${cut}…` : cut;
}

/** A name inside a sentence, wrapped so that it cannot reorder the words around it. */
export function spokenName(name: string | undefined, fallback?: string): string {
  return `\u2068${shownName(name, fallback)}\u2069`;
}

/** One or two letters for the picture of somebody whose camera is off. */
export function initials(name: string | undefined): string {
  const words = shownName(name, "")
    .split(" ")
    .filter((word) => HAS_LETTER.test(word));
  // "Dr. Ada Ruiz" is AR, not DR.
  const named = words.filter((word) => !word.endsWith("."));
  const chosen = named.length > 0 ? named : words;
  const first = firstLetter(chosen[0]);
  const last = chosen.length > 1 ? firstLetter(chosen[chosen.length - 1]) : "";
  return (first + last).toLocaleUpperCase();
}

/** One of `count` tints, always the same for the same person. */
export function tintOf(rawId: string, count: number): number {
  let sum = 0;
  for (const letter of rawId) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return sum % count;
}

function firstLetter(word: string | undefined): string {
  return graphemes(word ?? "").find((part) => HAS_LETTER.test(part)) ?? "";
}

function graphemes(text: string): string[] {
  // Older Firefox has no segmenter; cut by code points there.
  if (typeof Intl.Segmenter === "undefined") return [...text];
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map(
    (part) => part.segment,
  );
}

/** Keep a letter from carrying so many marks that they cover the lines around it. */
function tame(grapheme: string): string {
  let marks = 0;
  return [...grapheme].filter((point) => !MARK.test(point) || ++marks <= MOST_MARKS).join("");
}
