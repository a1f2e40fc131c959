/** How the pages are built: static files that the server hands out under a strict policy. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const sdk: unknown = JSON.parse(readFileSync(here("../sdk/calling/package.json"), "utf8"));

/** The name under which the server hands out the packed SDK. */
function tarball(manifest: unknown): string {
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return `openrooms-calling-${String(manifest.version)}.tgz`;
  }
  throw new Error("sdk/calling/package.json has no version");
}

/** Documents are handed out as plain text, which every browser shows. */
function assetName(name: string): string {
  return name.endsWith(".md") ? "assets/[name]-[hash].txt" : "assets/[name]-[hash][extname]";
}

export default defineConfig({
  define: { __SDK_FILE__: JSON.stringify(tarball(sdk)) },
  build: {
    outDir: here("../server/src/openrooms/static/pages"),
    emptyOutDir: true,
    // The policy allows no data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    // The call page carries the SDK and its media engine client: one file, loaded once.
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [here("index.html"), here("call.html")],
      output: { assetFileNames: ({ names }) => assetName(names[0] ?? "") },
    },
  },
  server: {
    proxy: {
      "/calling": { target: "http://localhost:8080", ws: true },
      "/health": "http://localhost:8080",
    },
  },
  // Style sheets are read as they are: a test measures their colours.
  test: { include: ["test/**/*.test.ts"], environment: "happy-dom", css: true },
});
