/**
 * Writes our declarations down once more, each under a name of its own (`Ours_Call`), and with the
 * other package's types in place of those that both have. So one difference shows at one place: a
 * member that is missing in `Call` is not missing again in everything that leads to a call.
 */

/** The name that one of our declarations has in the copy. */
export function oursOf(name) {
  return `Ours_${name}`;
}

/** The copy of one file. `common`: the names that both packages export. */
export function rewrite(ts, text, { common, theirs }) {
  const file = ts.createSourceFile("ours.d.ts", text, ts.ScriptTarget.Latest, true);
  const edits = [];
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      edits.push(importWithout(ts, statement, common));
    } else {
      const names = declared(ts, statement).filter((name) => common.has(name.text));
      edits.push(...names.map(renamed));
      edits.push(...queries(ts, statement, common).map(renamed));
    }
  }
  const taken = `import type { ${[...common].sort().join(", ")} } from "${theirs}";\n`;
  return taken + apply(text, edits);
}

function renamed(name) {
  return { from: name.getStart(), to: name.end, text: oursOf(name.text) };
}

function declared(ts, statement) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name);
  }
  return statement.name ? [statement.name] : [];
}

/** The names in `typeof Name`: values are ours to the end. */
function queries(ts, node, common) {
  const found = [];
  const look = (one) => {
    const name = ts.isTypeQueryNode(one) ? one.exprName : undefined;
    if (name && ts.isIdentifier(name) && common.has(name.text)) found.push(name);
    ts.forEachChild(one, look);
  };
  look(node);
  return found;
}

function importWithout(ts, statement, common) {
  const path = statement.moduleSpecifier.text;
  const named = statement.importClause?.namedBindings;
  const isOurs = path.startsWith(".") && named && ts.isNamedImports(named);
  if (!isOurs) return { from: statement.end, to: statement.end, text: "" };
  const left = named.elements.map(({ name }) => name.text).filter((name) => !common.has(name));
  const text = left.length === 0 ? "" : `import type { ${left.join(", ")} } from "${path}";`;
  return { from: statement.getStart(), to: statement.end, text };
}

function apply(text, edits) {
  let result = text;
  for (const { from, to, text: put } of edits.toSorted((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + put + result.slice(to);
  }
  return result;
}
