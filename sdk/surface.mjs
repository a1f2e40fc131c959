/**
 * Writes down what of the original's surface a package has. `surface.json` names the original's
 * members, those of ours that are inert or our own, and why ours has some of them not; whether a
 * member is there is read off the declarations. What they declare and the list leaves out is an error.
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

const NOTES = `
Inert, and yet not refused:

`;

const NEVER = `
Declared, so that apps compile, and never given to one:

`;

/** A member that can be called: a method, or a property that is a function. */
const CALLABLE = /^ {4}(?!constructor|private |protected )(?:readonly )?\w+\??(?:[(<]|: \()/m;

/** The page for the declarations in a folder; `exported` are the names that the package exports. */
export async function surfacePage(surface, folder, exported) {
  const declared = await declarations(folder);
  declared.set(PACKAGE, { members: exported, bases: [], events: [] });
  const missing = unlisted(surface, declared, await publicNames(folder));
  if (missing.length > 0) throw new Error(`surface.json lacks ${missing.join(", ")}.`);
  const parts = Object.entries(surface);
  const rows = parts.flatMap(([name, part]) => [
    row(`\`${name}\``, part.members, { there: membersOf(name, declared), ...part }),
    row("its events", part.events, { there: eventsOf(name, declared), ...part }),
  ]);
  const reasons = parts.flatMap(([, { absent = {} }]) => Object.entries(absent));
  const notes = parts.flatMap(([, part]) => Object.entries(part.notes ?? {}));
  const never = parts.flatMap(([name, { never: why }]) => (why === undefined ? [] : [[name, why]]));
  const all = [told(NOTES, notes), told(WHY, reasons), told(NEVER, never)];
  return `${HEAD}${rows.join("")}${all.join("")}`;
}

function told(heading, reasons) {
  if (reasons.length === 0) return "";
  return `${heading}${reasons.map(([name, why]) => `- \`${name}\`: ${why}\n`).join("")}`;
}

function row(name, original, { there, inert = [] }) {
  if (original === undefined) return "";
  const found = original.filter((one) => there.has(one));
  const isInert = (one) => inert === true || inert.includes(one);
  const cells = [
    found.filter((one) => !isInert(one)),
    found.filter(isInert),
    original.filter((one) => !there.has(one)),
    [...there].filter((one) => !original.includes(one)),
  ];
  const words = cells.map((names) => names.map((one) => ` \`${one}\``).join(","));
  return `| ${[name, ...words].join(" |")} |\n`;
}

/** What apps can name and the list does not: objects, and members and events of those that it has. */
function unlisted(surface, declared, names) {
  const all = names.filter((name) => isObject(name, declared));
  const bases = new Set(all.flatMap((name) => basesOf(name, declared)));
  const objects = all.filter((name) => !bases.has(name) && !(name in surface));
  const members = Object.entries(surface).flatMap(([name, part]) => {
    if (part.never !== undefined) return [];
    const listed = [...(part.members ?? []), ...(part.events ?? []), ...(part.own ?? [])];
    const there = [...membersOf(name, declared), ...eventsOf(name, declared)];
    return there.filter((one) => !listed.includes(one)).map((one) => `${name}.${one}`);
  });
  return [...objects, ...members];
}

/** Whether apps do something with it, or hear from it: more than a record of values. */
function isObject(name, declared) {
  const parts = [name, ...basesOf(name, declared)].flatMap((one) => declared.get(one) ?? []);
  const isAlive = parts.some(({ isCallable, events }) => isCallable || events.length > 0);
  return isAlive || /(?:Feature|DiagnosticValues)$/.test(name);
}

function basesOf(name, declared) {
  const { bases = [] } = declared.get(name) ?? {};
  return [...bases, ...bases.flatMap((base) => basesOf(base, declared))];
}

/** The members of a declaration and of those it extends, without how one listens. */
function membersOf(name, declared) {
  const all = new Set();
  for (const one of [...basesOf(name, declared), name]) {
    for (const member of declared.get(one)?.members ?? []) all.add(member);
  }
  for (const one of ["on", "off", "constructor"]) all.delete(one);
  return all;
}

/** The events of an object, be they named in a declaration of their own or beside it. */
function eventsOf(name, declared) {
  const all = [name, ...basesOf(name, declared)].flatMap((one) => declared.get(one)?.events ?? []);
  return new Set(all.flatMap((one) => [...(declared.get(one)?.members ?? [one])]));
}

/** The names that apps can import, types among them. */
async function publicNames(folder) {
  const index = await readFile(join(folder, "index.d.ts"), "utf8");
  const lists = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)];
  return lists.flatMap(([, list]) => list.match(/\b(?!type\b)\w+/g) ?? []);
}

/** Every interface, class and constant of the declarations in a folder, by its name. */
async function declarations(folder) {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith(".d.ts"));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  const found = new Map();
  // The compiler writes four spaces before each member, and a brace of its own at the end.
  const form =
    /^export (?:declare )?(?:interface|class|const) (\w+)([^{\n]*)(?:\{\n([^}]*)\}> )?\{\n([\s\S]*?)^\}/gm;
  for (const [, name, head, beside, body] of texts.flatMap((text) => [...text.matchAll(form)])) {
    const bases = head.replaceAll(/<.*?>/g, "").match(/\b[A-Z]\w+/g) ?? [];
    const [, own] = head.match(/(?:Subscribable|Emitter)<(\w+)>/) ?? [];
    const events = beside === undefined ? [own ?? []].flat() : [...membersIn(beside)];
    found.set(name, { members: membersIn(body), bases, events, isCallable: CALLABLE.test(body) });
  }
  return found;
}

function membersIn(body) {
  const member = /^ {4}(?!private |static |protected )(?:readonly |get |set )*(\w+)\??[(<:]/gm;
  return new Set([...body.matchAll(member)].map(([, name]) => name));
}
