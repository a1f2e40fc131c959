/** Builds the package: an ESM and a CommonJS file with livekit-client inside, and the types. */
import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { notices } from "./notices.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const shop = join(here, "../../server/src/openrooms/static/sdk");
const LARGEST = 250_000;
const run = promisify(execFile);

/** What both files are built with. Names stay readable in the stacks of errors. */
function options(manifest) {
  return {
    entryPoints: [join(here, "src/index.ts")],
    bundle: true,
    target: "es2022",
    platform: "browser",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external: Object.keys(manifest.dependencies),
    banner: { js: "/* OpenRooms calling SDK, Apache-2.0. See THIRD-PARTY-NOTICES.txt. */" },
    logLevel: "warning",
    metafile: true,
  };
}

async function bundle() {
  const common = options(JSON.parse(await readFile(join(here, "package.json"), "utf8")));
  const [{ metafile }] = await Promise.all([
    build({ ...common, format: "esm", outfile: join(dist, "index.js") }),
    build({ ...common, format: "cjs", outfile: join(dist, "index.cjs") }),
  ]);
  const text = await notices(Object.keys(metafile.inputs));
  await writeFile(join(here, "THIRD-PARTY-NOTICES.txt"), text);
}

async function types() {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(await readFile(manifest, "utf8"));
  const compiler = join(dirname(manifest), bin.tsc);
  await run(process.execPath, [compiler, "-p", join(here, "tsconfig.build.json")]);
  await keepReachable(join(dist, "types"));
  // The same declarations once more, for programs that `require` the package.
  await cp(join(dist, "types"), join(dist, "types-cjs"), { recursive: true });
  await writeFile(join(dist, "types-cjs/package.json"), '{ "type": "commonjs" }\n');
}

/** Delete the declarations that the public ones do not lead to. */
async function keepReachable(folder) {
  const reached = new Set([join(folder, "index.d.ts")]);
  for (const file of reached) {
    const text = await readFile(file, "utf8");
    for (const [, path] of text.matchAll(/from "(\.[^"]+)\.js"/g)) {
      reached.add(join(dirname(file), `${path}.d.ts`));
    }
  }
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (file.endsWith(".d.ts") && !reached.has(file)) await rm(file);
  }
}

async function weigh() {
  const size = gzipSync(await readFile(join(dist, "index.js"))).length;
  console.log(`sdk bundle, gzipped: ${size} bytes (bar: <= ${LARGEST})`);
  if (size > LARGEST) process.exit(1);
}

/** Put the tarball where the server hands it out. */
async function pack() {
  await mkdir(shop, { recursive: true });
  await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", shop], {
    cwd: here,
  });
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([bundle(), types()]);
await weigh();
if (process.argv.includes("--pack")) await pack();
