/** Writes down whose work is inside the bundle, with the licence of each. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const RULE = "=".repeat(80);
const LIVEKIT = "livekit-client";
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

/** The notices for the packages that went into a bundle made from `inputs`; undefined: none did. */
export async function notices(inputs) {
  const found = inputs.flatMap(folderIn);
  if (found.length === 0) return undefined;
  const livekit = found.find((folder) => folder.endsWith(`node_modules/${LIVEKIT}`));
  const inside = livekit === undefined ? [] : await insideLiveKit(livekit);
  const parts = await Promise.all([...new Set([...found, ...inside])].map(notice));
  const texts = [...new Set(parts)].sort();
  return `The files of this package contain the following works of others.\n${texts.join("")}`;
}

/** livekit-client comes as one file: its map tells what went into that. */
async function insideLiveKit(folder) {
  const map = join(folder, "dist/livekit-client.esm.mjs.map");
  const { sources } = JSON.parse(await readFile(map, "utf8"));
  // The map leaves out the messages, which are generated code.
  return [...sources.flatMap(packageIn), "@livekit/protocol"].map(folderOf);
}

/** The package that a source belongs to: the innermost one of its path. */
function packageIn(path) {
  const inside = path.split("node_modules/").slice(1).at(-1);
  return inside?.match(/^(?:@[^/]+\/)?[^/]+/) ?? [];
}

/** Where that package lies; two packages may each have a version of their own of a third. */
function folderIn(path) {
  return packageIn(path).map((name) => {
    const above = path.slice(0, path.lastIndexOf("node_modules/"));
    return resolve(above, "node_modules", name);
  });
}

async function notice(folder) {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { name, version, license, homepage } = manifest;
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
  const text =
    file === undefined
      ? ((await heads(folder)) ?? named(manifest))
      : await readFile(join(folder, file), "utf8");
  const address = homepage === undefined ? "" : `\n${homepage}`;
  return `\n${RULE}\n${name} ${version} (${license})${address}\n${RULE}\n\n${text.trim()}\n`;
}

/** What the files of a package without a licence file say of their licences, each text once. */
async function heads(folder) {
  const names = (await readdir(folder, { recursive: true })).filter((one) => one.endsWith(".js"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const found = texts.map((text) => text.match(/^(?:\/\/.*\n)+/)?.[0].replaceAll(/^\/\/ ?/gm, ""));
  const said = new Set(found.filter((head) => head?.includes("Copyright")));
  return said.size === 0 ? undefined : [...said].sort().join("\n");
}

/** The text of a licence that a package only names: of the one that such packages have. */
function named({ name, license, author, contributors = [] }) {
  if (license !== "MIT") throw new Error(`${name} says nothing of its licence.`);
  const people = [author, ...contributors].map((one) => one?.name ?? one).filter(Boolean);
  return `Copyright (c) ${people.join(", ")}\n\n${MIT}`;
}

function folderOf(name) {
  const roots = [process.cwd(), root];
  const folders = roots.map((folder) => join(folder, "node_modules", name));
  const found = folders.find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`${name} is not installed.`);
  return found;
}
