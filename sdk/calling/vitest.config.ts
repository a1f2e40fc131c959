/** How the SDK's tests run: in Node, with the real `ws` where a server is needed. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 5_000 },
});
