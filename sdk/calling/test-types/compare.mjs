/** Compares our declarations with those of another package by asking the compiler. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeChecks } from "./checks.mjs";
import { oursOf, rewrite } from "./rewrite.mjs";

const MISSING = new Set([2339, 2305, 2694, 2724]);

/**
 * The differences, as `{ key, message }`. `ours`: the folder of our declarations; `folder`: one
 * where the other package is installed under the name `theirs`, and where files may be written.
 */
export async function compare(ts, { ours, folder, theirs }) {
  const entry = join(folder, `entry-${theirs}.ts`);
  await writeFile(entry, `export * from "${theirs}";\n`);
  const program = ts.createProgram([entry, join(ours, "index.d.ts")], options(ts));
  const checker = program.getTypeChecker();
  const exported = exportsOf({ ts, checker }, program.getSourceFile(entry));
  const own = exportsOf({ ts, checker }, program.getSourceFile(join(ours, "index.d.ts")));
  const common = new Set([...own.keys()].filter((name) => exported.has(name)));

  const copy = join(folder, `ours-${theirs}`);
  await copyOurs(ts, { ours, copy, common, theirs });
  const fileOf = (name) => {
    const file = own.get(name).declarations[0].getSourceFile().fileName;
    return `./ours-${theirs}${file.slice(ours.length).replace(/\.d\.ts$/, ".js")}`;
  };
  const made = writeChecks({ ts, checker }, { exported, common, theirs, fileOf });
  const path = join(folder, `checks-${theirs}.ts`);
  await writeFile(path, made.text);

  const absent = [...exported.keys()].filter((name) => !own.has(name));
  return {
    common: common.size,
    checks: made.subjects.filter(Boolean).length,
    differences: [
      ...absent.map((name) => ({ key: `${name} absent`, message: "" })),
      ...judge(ts, { path, subjects: made.subjects }),
    ],
  };
}

function options(ts) {
  return {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
}

function exportsOf({ ts, checker }, file) {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(file));
  return new Map(
    symbols.map((symbol) => [
      symbol.name,
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    ]),
  );
}

async function copyOurs(ts, { ours, copy, common, theirs }) {
  for (const name of await readdir(ours, { recursive: true })) {
    if (!name.endsWith(".d.ts") || name === "index.d.ts") continue;
    const text = await readFile(join(ours, name), "utf8");
    await mkdir(dirname(join(copy, name)), { recursive: true });
    await writeFile(join(copy, name), rewrite(ts, text, { common, theirs }));
  }
}

/** Run the checks; each line that does not compile is a difference. */
function judge(ts, { path, subjects }) {
  const program = ts.createProgram([path], options(ts));
  const file = program.getSourceFile(path);
  const found = new Map();
  const partly = new Set();
  for (const diagnostic of program.getSemanticDiagnostics(file)) {
    const { line } = file.getLineAndCharacterOfPosition(diagnostic.start);
    const subject = subjects[line];
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    if (subject === undefined) throw new Error(`${oursOf("")}checks do not compile: ${message}`);
    if (subject.whole && partly.has(subject.name)) continue;
    if (subject.way === "in") partly.add(subject.name.split(".")[0]);
    const word = MISSING.has(diagnostic.code) ? "missing" : subject.way;
    const key = `${subject.name} ${word}`;
    if (!found.has(key)) found.set(key, message);
  }
  return [...found].map(([key, message]) => ({ key, message }));
}
