/** What the landing page says of its server. */
import { expect, test } from "vitest";
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

test("a document is named after its file", () => {
  expect(titleOf("../../../docs/agent-socket.md")).toBe("Agent socket");
});
