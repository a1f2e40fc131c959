/**
 * Proves by the compiler that code written for `@azure/communication-calling` compiles against our
 * declarations. Installs its published versions, and the React library made for it, into a folder
 * that is deleted afterwards; only the compiler reads what is in there. `differences.txt` has the
 * differences that are meant, each under its reason; any other one fails, and so does a reason that
 * nothing needs any more.
 *
 * `node run.mjs FOLDER` keeps the folder, and installs nothing if it was used before.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compare } from "./compare.mjs";
import { judge, parse } from "./reasons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
const VERSIONS = ["1.40.1", "1.46.1"];
const NAME = "@azure/communication-calling";
/** The compiler whose interface tells what a module exports. */
const COMPILER = "typescript@5.9.3";
const REACT = [
  "@azure/communication-react@1.34.0",
  "@azure/communication-chat@1.6.0",
  "@types/node@20.19.43",
  "@types/react@18.3.32",
  "@types/react-dom@18.3.7",
  "react@18.3.1",
  "react-dom@18.3.1",
];

async function main(kept) {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), "calling-types-")));
  try {
    const ours = join(folder, "ours");
    await declarations(ours);
    const isApp = await compiles(join(folder, "react"), ours);
    const isSame = await agrees(join(folder, "published"), ours);
    process.exitCode = isApp && isSame ? 0 : 1;
  } finally {
    if (kept === undefined) await rm(folder, { recursive: true });
  }
}

/** Our declarations, as the package has them. */
async function declarations(ours) {
  await rm(ours, { recursive: true, force: true });
  await tsc(join(here, ".."), ["-p", "tsconfig.build.json", "--outDir", ours]);
}

/** Whether an app that uses the React library compiles with our package under the other's name. */
async function compiles(folder, ours) {
  await install(folder, REACT);
  const ourPackage = join(folder, "node_modules", NAME);
  await rm(ourPackage, { recursive: true, force: true });
  await cp(ours, ourPackage, { recursive: true });
  const manifest = { name: NAME, version: "1.90.0", type: "module", types: "./index.d.ts" };
  await writeFile(join(ourPackage, "package.json"), JSON.stringify(manifest));
  await cp(join(here, "react-app.tsx"), join(folder, "app.tsx"));
  await cp(join(here, "react-app.json"), join(folder, "tsconfig.json"));
  const said = await tsc(folder, ["-p", "."]).then(
    () => "",
    (error) => error.stdout,
  );
  console.log(`the React library with our types: ${said === "" ? "compiles" : `\n${said}`}`);
  return said === "";
}

/** Whether all differences from the published versions are explained. */
async function agrees(folder, ours) {
  await install(folder, [COMPILER, ...VERSIONS.map((one) => `calling-${one}@npm:${NAME}@${one}`)]);
  const ts = createRequire(join(folder, "x.js"))("typescript");
  const found = new Map();
  for (const version of VERSIONS) {
    const result = await compare(ts, { ours, folder, theirs: `calling-${version}` });
    const { common, checks, differences } = result;
    console.log(
      `${version}: ${common} common names, ${checks} checks, ${differences.length} differences`,
    );
    for (const { key, message } of differences) found.set(key, message);
  }
  const reasons = parse(await readFile(join(here, "differences.txt"), "utf8"));
  const wrong = judge(found, reasons);
  for (const line of wrong) console.log(line);
  console.log(`differences: ${found.size}, of them not as explained: ${wrong.length}`);
  return wrong.length === 0;
}

async function install(folder, packages) {
  if (await stat(join(folder, "node_modules")).catch(() => undefined)) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"];
  await run("npm", ["install", "--silent", ...options, ...packages], { cwd: folder });
}

/** Run the compiler of this repository. */
async function tsc(folder, options) {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(await readFile(manifest, "utf8"));
  const compiler = join(dirname(manifest), bin.tsc);
  return run(process.execPath, [compiler, ...options], { cwd: folder });
}

await main(process.argv[2]);
