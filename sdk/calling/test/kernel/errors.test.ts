/** The codes that errors carry. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAILURES } from "../../src/kernel/errors.js";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const codes = Object.values(FAILURES).map(({ code, subCode }) => `${code}/${subCode}`);

test("of our own are explained where apps' authors look", () => {
  const ours = codes.filter((one) => /\/49\d{3}$/.test(one));

  expect(ours.length).toBeGreaterThan(15);
  expect(ours.filter((one) => !README.includes(one))).toEqual([]);
});

test("stand for one failure each", () => {
  expect(codes).toEqual([...new Set(codes)]);
});
