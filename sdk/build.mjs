/**
 * Builds the package in whose folder it runs: an ESM and a CommonJS file with all inside that is not
 * a dependency, the types for both, and the notices. `--pack` puts the tarball where the server hands
 * it out, and its checksums beside it.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { notices } from "./notices.mjs";
import { surfacePage } from "./surface.mjs";

const here = process.cwd();
const dist = join(here, "dist");
const NOTICES = "THIRD-PARTY-NOTICES.txt";
const shop = join(dirname(fileURLToPath(import.meta.url)), "../server/src/openrooms/static/sdk");
/** Bytes of a bundle, gzipped. */
const LARGEST = { "@openrooms/calling": 250_000, "@openrooms/calling-effects": 2_000 };
const run = promisify(execFile);
const manifest = JSON.parse(await readFile(join(here, "package.json"), "utf8"));

/** What both files are built with. Names stay readable in the stacks of errors. */
function options() {
  return {
    entryPoints: [join(here, "src/index.ts")],
    absWorkingDir: here,
    bundle: true,
    target: "es2022",
    platform: "browser",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external: Object.keys(manifest.dependencies ?? {}),
    banner: { js: `/* ${manifest.name} of OpenRooms, Apache-2.0: see LICENSE. */` },
    logLevel: "warning",
    metafile: true,
  };
}

async function bundle() {
  const [{ metafile }] = await Promise.all([
    build({ ...options(), format: "esm", outfile: join(dist, "index.js") }),
    build({ ...options(), format: "cjs", outfile: join(dist, "index.cjs") }),
  ]);
  const text = await notices(Object.keys(metafile.inputs));
  if (text !== undefined) await writeFile(join(here, NOTICES), text);
}

async function types() {
  const compilers = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(await readFile(compilers, "utf8"));
  const compiler = join(dirname(compilers), bin.tsc);
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

/** Say what of the original's surface is there, in a package that keeps a list of it. */
async function surface() {
  const list = await readFile(join(here, "surface.json"), "utf8").catch(() => undefined);
  if (list === undefined) return;
  const exported = Object.keys(await import(pathToFileURL(join(dist, "index.js")).href));
  const page = await surfacePage(JSON.parse(list), join(dist, "types"), exported);
  await writeFile(join(dist, "SURFACE.md"), page);
}

async function weigh() {
  const largest = LARGEST[manifest.name];
  const size = gzipSync(await readFile(join(dist, "index.js"))).length;
  console.log(`${manifest.name}, gzipped: ${size} bytes (bar: <= ${largest})`);
  if (size > largest) process.exit(1);
}

/** Put the tarball where the server hands it out, in the place of those of other versions. */
async function pack() {
  await mkdir(shop, { recursive: true });
  const older = new RegExp(`^${fileName(String.raw`\d[^-]*`)}$`);
  for (const name of await readdir(shop)) if (older.test(name)) await rm(join(shop, name));
  await levelModes();
  await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", shop], {
    cwd: here,
  });
  await note();
}

/** Give all files the same mode, which the tarball keeps: the umask of a clone must not show in it. */
async function levelModes() {
  const inside = await readdir(dist, { recursive: true, withFileTypes: true });
  const beside = await readdir(here, { withFileTypes: true });
  const files = [...inside, ...beside].filter((one) => one.isFile());
  await Promise.all(files.map(({ parentPath, name }) => chmod(join(parentPath, name), 0o644)));
}

function fileName(version) {
  return `${manifest.name.slice(1).replace("/", "-")}-${version}.tgz`;
}

/** Write down what this tarball is, for whoever wants to know that he got the right one. */
async function note() {
  const path = join(shop, "packages.json");
  const file = fileName(manifest.version);
  const content = await readFile(join(shop, file));
  const digest = (algorithm, form) => createHash(algorithm).update(content).digest(form);
  const entry = {
    name: manifest.name,
    version: manifest.version,
    installAs: manifest.name.replace("@openrooms/", "@azure/communication-"),
    path: `/sdk/${file}`,
    integrity: `sha512-${digest("sha512", "base64")}`,
    sha256: digest("sha256", "hex"),
  };
  const { packages } = JSON.parse(await readFile(path, "utf8").catch(() => '{ "packages": [] }'));
  const all = [...packages.filter(({ name }) => name !== entry.name), entry];
  all.sort((a, b) => (a.name < b.name ? -1 : 1));
  await writeFile(path, `${JSON.stringify({ packages: all }, null, 2)}\n`);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([bundle(), types()]);
await surface();
await weigh();
if (process.argv.includes("--pack")) await pack();
