/** Names as people type them. */
import { describe, expect, test } from "vitest";
import { initials, shownName, spokenName, tintOf } from "../src/sample/names.js";

describe("a shown name", () => {
  test("stays as it is when it is an ordinary one", () => {
    expect(shownName("Dr. Ada Ruiz")).toBe("Dr. Ada Ruiz");
    expect(shownName("يوسف الحداد")).toBe("يوسف الحداد");
    expect(shownName("👩‍⚕️ Ada")).toBe("👩‍⚕️ Ada");
  });

  test("is one line", () => {
    expect(shownName("Ada\r\nforged line\t!")).toBe("Ada forged line !");
  });

  test("cannot turn the direction of what follows", () => {
    expect(shownName("\u202egnp.exe\u2066")).toBe("gnp.exe");
  });

  test("is cut between letters, not within one", () => {
    expect(shownName("👨‍👩‍👧".repeat(100))).toBe(`${"👨‍👩‍👧".repeat(80)}…`);
  });

  test("carries few marks on one letter", () => {
    expect(shownName(`Z${"\u0301".repeat(300)}oe`).length).toBeLessThan(10);
  });

  test.each([undefined, "", "  ", "\u0000\u202e"])("is Guest for %j", (name) => {
    expect(shownName(name)).toBe("Guest");
  });
});

test("a name in a sentence is closed off from it", () => {
  expect(`${spokenName("\u202eBo")} joined.`).toBe("\u2068Bo\u2069 joined.");
});

describe("initials", () => {
  test.each([
    ["Ada Ruiz", "AR"],
    ["Dr. Ada Maria Ruiz", "AR"],
    ["Bo", "B"],
    ["Dr.", "D"],
    ["李明", "李"],
    ["<img src=x onerror=alert(1)>", "IO"],
    ["!!!", ""],
    ["", ""],
  ])("of %s are %s", (name, expected) => {
    expect(initials(name)).toBe(expected);
  });
});

test("a tint belongs to its person", () => {
  expect(tintOf("8:acs:a_b", 6)).toBe(tintOf("8:acs:a_b", 6));
  expect(tintOf("", 6)).toBe(0);
});
