/** Writes down whose work is inside the bundle, with the licence of each. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const RULE = "=".repeat(80);
const LIVEKIT = "livekit-client";

/** The notices for the packages that went into a bundle made from `inputs`; undefined: none did. */
export async function notices(inputs) {
  const found = inputs.flatMap(packagesIn);
  if (found.length === 0) return undefined;
  const inside = found.includes(LIVEKIT) ? await insideLiveKit() : [];
  const names = [...new Set([...found, ...inside])].sort();
  const parts = await Promise.all(names.map(notice));
  return `The files of this package contain the following works of others.\n${parts.join("")}`;
}

/** livekit-client comes as one file: its map tells what went into that. */
async function insideLiveKit() {
  const map = join(folderOf(LIVEKIT), "dist/livekit-client.esm.mjs.map");
  const { sources } = JSON.parse(await readFile(map, "utf8"));
  // The map leaves out the messages, which are generated code.
  return [...sources.flatMap(packagesIn), "@livekit/protocol"];
}

function packagesIn(path) {
  const inside = path.split("node_modules/").slice(1).at(-1);
  return inside?.match(/^(?:@[^/]+\/)?[^/]+/) ?? [];
}

async function notice(name) {
  const folder = folderOf(name);
  const { version, license, homepage } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text =
    file === undefined ? await heads(folder) : await readFile(join(folder, file), "utf8");
  const address = homepage === undefined ? "" : `\n${homepage}`;
  return `\n${RULE}\n${name} ${version} (${license})${address}\n${RULE}\n\n${text.trim()}\n`;
}

/** What the files of a package without a licence file say of their licences, each text once. */
async function heads(folder) {
  const names = (await readdir(folder, { recursive: true })).filter((one) => one.endsWith(".js"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const found = texts.map((text) => text.match(/^(?:\/\/.*\n)+/)?.[0].replaceAll(/^\/\/ ?/gm, ""));
  const said = new Set(found.filter((head) => head?.includes("Copyright")));
  if (said.size === 0) throw new Error(`${folder} says nothing of its licence.`);
  return [...said].sort().join("\n");
}

function folderOf(name) {
  const roots = [process.cwd(), root];
  const folders = roots.map((folder) => join(folder, "node_modules", name));
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`${name} is not installed.`);
  return found;
}
