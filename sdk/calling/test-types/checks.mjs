/**
 * Writes the program whose errors are the differences: for each member of each exported type, that
 * what ours gives is accepted where theirs is expected, and what theirs takes is accepted by ours.
 */
import { directions } from "./directions.mjs";
import { oursOf } from "./rewrite.mjs";

/** The text, and for each of its lines what it checks. */
export function writeChecks({ ts, checker }, { exported, common, theirs, fileOf }) {
  const lines = [];
  const subjects = [];
  const put = (text, subject) => {
    lines.push(text);
    subjects.push(subject);
  };
  const ways = directions({ ts, checker }, exported);
  put(`import * as T from "${theirs}";`);
  put("type Args<F extends abstract new (...a: never) => unknown> = ConstructorParameters<F>;");
  const writer = new Writer({ ts, checker, put, common, exported });
  for (const name of [...common].sort()) {
    put(`import { ${oursOf(name)} } from "${fileOf(name)}";`);
    writer.name(name, ways.get(name) ?? new Set());
  }
  return { text: `${lines.join("\n")}\n`, subjects };
}

class Writer {
  constructor(world) {
    Object.assign(this, world);
    this.count = 0;
  }

  /** Write all checks of one exported name. */
  name(name, ways) {
    const { ts, checker } = this;
    const symbol = this.exported.get(name);
    if (symbol.flags & ts.SymbolFlags.Enum) return this.enumeration(name, symbol);
    if (symbol.flags & ts.SymbolFlags.Variable) return this.variable(name, symbol);
    if (symbol.flags & ts.SymbolFlags.Class) this.construction(name, symbol);
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const generic = this.typeArguments(type);
    const one = { name, type, t: `T.${name}${generic}`, o: `${oursOf(name)}${generic}` };
    const properties = this.isObject(type) ? this.properties(type) : undefined;
    const isLive = properties?.some((property) => this.signatures(property).length > 0) ?? false;
    const isIn = ways.has("in") ? !(isLive && ways.has("out")) : !ways.has("out") && !isLive;
    const isOut = ways.has("out") || !ways.has("in");
    if (isOut) this.out(one, properties);
    if (isIn) this.in(one, properties);
  }

  out({ name, t, o }, properties) {
    if (properties === undefined) return this.assign(t, o, { name, way: "out" });
    for (const property of properties) {
      const key = JSON.stringify(property.name);
      const subject = { name: `${name}.${property.name}`, way: "out" };
      const signatures = this.signatures(property);
      if (signatures.length === 0) this.assign(`${t}[${key}]`, `${o}[${key}]`, subject);
      signatures.forEach((signature, at) => {
        const label = signatures.length > 1 ? `(${this.label(signature, at)})` : "";
        const target = pick(`NonNullable<${t}[${key}]>`, at, signatures.length);
        this.assign(target, `${o}[${key}]`, { ...subject, name: subject.name + label });
      });
    }
  }

  in({ name, t, o }, properties) {
    for (const property of properties ?? []) {
      const key = JSON.stringify(property.name);
      const subject = { name: `${name}.${property.name}`, way: "in" };
      this.assign(`${o}[${key}]`, `${t}[${key}]`, subject);
    }
    this.assign(o, t, { name, way: "in", whole: properties !== undefined });
  }

  enumeration(name, symbol) {
    for (const key of symbol.exports.keys()) {
      const ours = `\`\${(typeof ${oursOf(name)})["${key}"]}\``;
      this.assign(`\`\${T.${name}.${key}}\``, ours, { name: `${name}.${key}`, way: "out" });
      this.assign(`${oursOf(name)}.${key}`, "never", { name: `${name}.${key}`, way: "type" });
    }
    const [t, o] = [`\`\${T.${name}}\``, `\`\${${oursOf(name)}}\``];
    this.assign(t, o, { name, way: "out" });
    this.assign(o, t, { name, way: "in" });
  }

  variable(name, symbol) {
    for (const property of this.properties(this.checker.getTypeOfSymbol(symbol))) {
      const [t, o] = [`T.${name}`, oursOf(name)].map(
        (one) => `(typeof ${one})["${property.name}"]`,
      );
      this.assign(t, o, { name: `${name}.${property.name}`, way: "out" });
    }
  }

  construction(name, symbol) {
    const signatures = this.checker.getTypeOfSymbol(symbol).getConstructSignatures();
    if (signatures.length === 0) return;
    const target = `new (...a: Args<typeof T.${name}>) => unknown`;
    this.assign(target, `typeof ${oursOf(name)}`, { name: `new ${name}`, way: "out" });
  }

  assign(target, source, subject) {
    this.count += 1;
    this.put(`export const c${this.count}: ${target} = null! as ${source};`, subject);
  }

  isObject(type) {
    const { ts, checker } = this;
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return false;
    const calls = [...type.getCallSignatures(), ...type.getConstructSignatures()];
    const isForeign = type.symbol !== undefined && type.symbol.name === "Map";
    return calls.length === 0 && !isForeign && checker.getPropertiesOfType(type).length > 0;
  }

  /** The members that apps may use. */
  properties(type) {
    const { ts, checker } = this;
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    return checker
      .getPropertiesOfType(type)
      .filter(({ declarations }) =>
        declarations?.every((one) => (ts.getCombinedModifierFlags(one) & hidden) === 0),
      );
  }

  signatures(property) {
    return this.checker
      .getNonNullableType(this.checker.getTypeOfSymbol(property))
      .getCallSignatures();
  }

  label(signature, at) {
    const [first] = signature.getParameters();
    const type = first && this.checker.getTypeOfSymbol(first);
    return type?.isStringLiteral() ? type.value : String(at + 1);
  }

  /** What a generic type is tried with. */
  typeArguments(type) {
    const parameters = type.aliasTypeArguments ?? type.typeParameters ?? [];
    if (parameters.length === 0) return "";
    const given = parameters.map((parameter) => {
      const constraint = this.checker.getBaseConstraintOfType(parameter);
      const name = constraint?.symbol?.name;
      if (name && this.exported.has(name)) return `T.${name}`;
      const first = constraint?.isUnion() ? constraint.types[0] : undefined;
      return first?.isStringLiteral() ? JSON.stringify(first.value) : "string";
    });
    return `<${given.join(", ")}>`;
  }
}

/** One of the `count` overloads of a function, as a type whose parameters are judged strictly. */
function pick(type, at, count) {
  const slots = Array.from({ length: count }, (_, i) => `(...a: infer A${i}): infer R${i}`);
  return `(${type} extends { ${slots.join("; ")} } ? (...a: A${at}) => R${at} : never)`;
}
