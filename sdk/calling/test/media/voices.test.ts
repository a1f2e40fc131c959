/** Whose voices are received while many microphones are open. */
import { expect, test } from "vitest";
import { MOST_VOICES, Voices } from "../../src/media/voices.js";

/** People with open microphones, by their numbers; asked for already is whoever was chosen before. */
class Hall {
  readonly voices = new Voices();
  readonly muted = new Set<number>();

  constructor(readonly people: number) {
    this.choose();
  }

  /** These speak now. Whether the choice has to be made anew for them. */
  speak(...numbers: number[]): boolean {
    return this.voices.speak(numbers.map(String));
  }

  choose(): number[] {
    const all = Array.from({ length: this.people }, (_, at) => at);
    const wanted = (at: number): boolean => this.voices.isChosen(String(at));
    this.voices.choose(
      all.map((at) => ({ sender: String(at), muted: this.muted.has(at), wanted: wanted(at) })),
    );
    return all.filter(wanted);
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);

test("few are all received, whoever speaks", () => {
  const hall = new Hall(MOST_VOICES);

  expect(hall.speak(3)).toBe(false);
  expect(hall.choose()).toEqual(range(0, MOST_VOICES));
});

test("of many those are received who were first, until others speak", () => {
  const hall = new Hall(20);
  expect(hall.choose()).toEqual(range(0, 12));

  for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11]) hall.speak(at);
  expect(hall.speak(15)).toBe(true);

  // Who never spoke makes place first.
  expect(hall.choose()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15]);
});

test("who has been silent for longest makes place for who speaks", () => {
  const hall = new Hall(20);
  for (const at of range(0, 12)) hall.speak(at);
  hall.choose();

  hall.speak(16, 1);

  expect(hall.choose()).toEqual([...range(1, 12), 16]);
});

test("while those speak who are received, the choice stays as it is", () => {
  const hall = new Hall(20);
  const before = hall.choose();

  expect(hall.speak(11, 2)).toBe(false);
  expect(hall.choose()).toEqual(before);
});

test("a muted microphone stays asked for, and makes place for an open one", () => {
  const hall = new Hall(12);
  hall.muted.add(3);
  expect(hall.choose()).toContain(3);

  const larger = new Hall(13);
  larger.muted.add(3);

  expect(larger.choose()).toEqual([0, 1, 2, ...range(4, 13)]);
});

test("one that was muted all the time is not asked for", () => {
  const hall = new Hall(0);
  hall.voices.choose([{ sender: "bo", muted: true, wanted: false }]);

  expect(hall.voices.isChosen("bo")).toBe(false);
});
