/** How the tests of the effects run: in Node. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 5_000 },
});
