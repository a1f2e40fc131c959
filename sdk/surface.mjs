/**
 * Writes down what of the original's surface a package has. `surface.json` names the original's
 * members, those of ours that are inert, and why ours has some of them not; whether a member is there is read off the declarations.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const PACKAGE = "the package";
const HEAD = `# The surface, member by member

**Done** works as the original's documentation says. **Inert** is there, so that apps which ask for it go on, and says that
there is nothing: it never fires, and what it cannot do is refused. **Absent** is not there at all: \`undefined\`, and for a
feature \`feature()\` throws 405/49002.

| object | done | inert | absent | of our own |
|---|---|---|---|---|
`;

const WHY = `
Why something is absent:

`;

/** The page for the declarations in a folder; `exported` are the names that the package exports. */
export async function surfacePage(surface, folder, exported) {
  const declared = await declarations(folder);
  declared.set(PACKAGE, { members: exported, bases: [] });
  const rows = Object.entries(surface).flatMap(([name, part]) => [
    row(`\`${name}\``, part.members, { there: membersOf(name, declared), inert: part.inert }),
    row("its events", part.events, {
      there: membersOf(`${name}Events`, declared),
      inert: part.inert,
    }),
  ]);
  const reasons = Object.values(surface).flatMap(({ absent = {} }) => Object.entries(absent));
  const told = reasons.map(([name, why]) => `- \`${name}\`: ${why}\n`);
  return `${HEAD}${rows.join("")}${told.length > 0 ? `${WHY}${told.join("")}` : ""}`;
}

function row(name, original, { there, inert = [] }) {
  if (original === undefined) return "";
  const found = original.filter((one) => there.has(one));
  const cells = [
    found.filter((one) => !inert.includes(one)),
    found.filter((one) => inert.includes(one)),
    original.filter((one) => !there.has(one)),
    [...there].filter((one) => !original.includes(one)),
  ];
  const told = cells.map((names) => names.map((one) => ` \`${one}\``).join(","));
  return `| ${[name, ...told].join(" |")} |\n`;
}

/** The members of a declaration and of those it extends, without how one listens. */
function membersOf(name, declared) {
  const { members = [], bases = [] } = declared.get(name) ?? {};
  const all = new Set(bases.flatMap((base) => [...membersOf(base, declared)]));
  for (const one of members) all.add(one);
  for (const one of ["on", "off", "constructor"]) all.delete(one);
  return all;
}

/** Every interface, class and constant of the declarations in a folder, by its name. */
async function declarations(folder) {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith(".d.ts"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const found = new Map();
  // The compiler writes four spaces before each member, and a brace of its own at the end.
  const form = /^export (?:declare )?(?:interface|class|const) (\w+)([^{\n]*)\{\n([\s\S]*?)^\}/gm;
  for (const [, name, head, body] of texts.flatMap((text) => [...text.matchAll(form)])) {
    const bases = head.replaceAll(/<.*?>/g, "").match(/\b[A-Z]\w+/g) ?? [];
    found.set(name, { members: membersIn(body), bases });
  }
  return found;
}

function membersIn(body) {
  const member = /^ {4}(?!private |static |protected )(?:readonly |get |set )*(\w+)\??[(<:]/gm;
  return new Set([...body.matchAll(member)].map(([, name]) => name));
}
