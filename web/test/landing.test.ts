/** What the landing page says of its server. */
import { expect, test } from "vitest";
import { DOCUMENTS } from "../src/landing/documents.js";
import { healthOf, installLine, titleOf } from "../src/landing/words.js";

test.each([
  [200, "running"],
  [503, "unready"],
  [404, "unready"],
  [undefined, "silent"],
])("a health answer of %s means %s", (status, state) => {
  expect(healthOf(status).state).toBe(state);
});

test.each(["calling", "calling-effects"])("the install line of %s names this server", (name) => {
  expect(installLine("http://localhost:8080", `openrooms-${name}-1.90.0.tgz`)).toBe(
    `npm install @azure/communication-${name}@http://localhost:8080/sdk/openrooms-${name}-1.90.0.tgz`,
  );
});

test("a document is named by its first heading", () => {
  expect(titleOf("# OpenAPI documents \n\nText\n\n# Another\n")).toBe("OpenAPI documents");
});

test("a document without a heading has no name", () => {
  expect(titleOf("Text, with a # in it")).toBe("");
});

test("every document on the page has its own heading for a title", () => {
  const titles = DOCUMENTS.map((one) => one.title);

  expect(titles).toContain("OpenAPI documents");
  expect(titles).toContain("PostgreSQL");
  expect(titles.filter((title) => /\.(md|txt)$/.test(title))).toEqual([]);
});
