/**
 * Finds out which way values of each exported type go: out of the package, as what its functions
 * return and its listeners hear, or in, as what apps hand over.
 */

/** The directions (`in`, `out`) of each name that the package's values lead to. */
export function directions({ ts, checker }, exported) {
  const found = new Map();
  const nameOf = (symbol) => {
    const isOwn = symbol && exported.get(symbol.name) === symbol;
    return isOwn ? symbol.name : undefined;
  };
  const isForeign = (type) =>
    type.symbol?.declarations?.some((one) =>
      one.getSourceFile().fileName.includes("/typescript/"),
    ) ?? false;
  const seen = new Map([
    ["in", new Set()],
    ["out", new Set()],
  ]);

  function visit(type, way) {
    if (seen.get(way).has(type)) return;
    seen.get(way).add(type);
    for (const name of [nameOf(type.aliasSymbol), nameOf(type.symbol)]) {
      if (name) found.set(name, (found.get(name) ?? new Set()).add(way));
    }
    for (const one of type.aliasTypeArguments ?? []) visit(one, way);
    if (type.isUnionOrIntersection()) for (const one of type.types) visit(one, way);
    else if (type.flags & ts.TypeFlags.Object) members(type, way);
  }

  function members(type, way) {
    if (type.objectFlags & ts.ObjectFlags.Reference) {
      for (const one of checker.getTypeArguments(type)) visit(one, way);
    }
    const types = checker.getPropertiesOfType(type).map((one) => checker.getTypeOfSymbol(one));
    // What apps hand over with methods was handed to them before: a call, a stream.
    const isLive = nameOf(type.symbol) && types.some((one) => one.getCallSignatures().length > 0);
    if (isForeign(type) || (isLive && way === "in")) return;
    for (const one of types) visit(one, way);
    for (const one of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      call(one, way);
    }
  }

  function call(signature, way) {
    const against = way === "in" ? "out" : "in";
    for (const one of signature.getParameters()) visit(checker.getTypeOfSymbol(one), against);
    visit(signature.getReturnType(), way);
  }

  for (const symbol of exported.values()) {
    if (symbol.flags & ts.SymbolFlags.Value) visit(checker.getTypeOfSymbol(symbol), "out");
  }
  return found;
}
