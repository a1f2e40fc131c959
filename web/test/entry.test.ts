/** The step that asks for a name. */
import { expect, test } from "vitest";
import { EntryView } from "../src/call/entry.js";

function filled(words: string): string[] {
  const entered: string[] = [];
  const view = new EntryView((name) => entered.push(name));
  const field = view.root.querySelector("input");
  if (field === null) throw new Error("no field");
  field.value = words;
  view.root.dispatchEvent(new Event("submit", { cancelable: true }));
  return entered;
}

test("A name is handed on without the space around it", () => {
  expect(filled("  Bo Chen ")).toEqual(["Bo Chen"]);
});

test("Nobody goes on without a name", () => {
  expect(filled("   ")).toEqual([]);
});
