/** How the pages are built: static files that the server hands out under a strict policy. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { notices } from "../sdk/notices.mjs";
import { titleOf } from "./src/landing/words.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The name under which the server hands out a packed package. */
function tarball(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(here(`../sdk/${name}/package.json`), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return `openrooms-${name}-${String(manifest.version)}.tgz`;
  }
  throw new Error(`sdk/${name}/package.json has no version`);
}

/** The titles of all documents, by file name. */
function documentTitles(): Record<string, string> {
  const files = readdirSync(here("../docs")).filter((name) => name.endsWith(".md"));
  return Object.fromEntries(
    files.map((name) => [name, titleOf(readFileSync(here(`../docs/${name}`), "utf8"))]),
  );
}

/** Documents are handed out as plain text, which every browser shows. */
function assetName(name: string): string {
  return name.endsWith(".md") ? "assets/[name]-[hash].txt" : "assets/[name]-[hash][extname]";
}

/** Ships the licences of all that the pages carry, what the SDK has inside among it. */
function thirdPartyNotices(): Plugin {
  return {
    name: "third-party-notices",
    async generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((one) =>
        one.type === "chunk" ? one.moduleIds : [],
      );
      const inside = readFileSync(here("../sdk/calling/THIRD-PARTY-NOTICES.txt"), "utf8");
      const source = `${(await notices(modules)) ?? ""}\n${inside}`;
      this.emitFile({ type: "asset", fileName: "third-party-notices.txt", source });
    },
  };
}

export default defineConfig({
  plugins: [thirdPartyNotices()],
  define: {
    __SDK_FILE__: JSON.stringify(tarball("calling")),
    __EFFECTS_FILE__: JSON.stringify(tarball("calling-effects")),
    __DOCUMENT_TITLES__: JSON.stringify(documentTitles()),
  },
  build: {
    outDir: here("../server/src/openrooms/static/pages"),
    emptyOutDir: true,
    // The policy allows no data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    // The call page carries a UI library, the SDK and its media engine client: loaded once, when needed.
    chunkSizeWarningLimit: 4000,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // Directives for servers that render pages, of which there are none: they mean nothing here.
      checks: { moduleLevelDirective: false },
      input: [here("index.html"), here("call.html"), here("sample.html")],
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
