/** Hears all events of all objects that a walk found, and judges what comes with them. */
import { EVENTS, type Graph, readable } from "./graph.js";

/** Hears an event: where, with what, and of which object. */
export type Hear = (
  where: string,
  args: readonly unknown[],
  of: { readonly object: object; readonly event: string },
) => void;

/** Hear every event of every object; gives back what makes it deaf again. */
export function listen(graph: Graph, hear: Hear): () => void {
  const forget: (() => void)[] = [];
  for (const [object, name] of [...graph.live]) {
    const on: unknown = Reflect.get(object, "on");
    if (typeof on !== "function") continue;
    for (const event of EVENTS) {
      const listener = (...args: unknown[]): void =>
        hear(`${name} ${event}`, args, { object, event });
      on.call(object, event, listener);
      forget.push(() => Reflect.get(object, "off").call(object, event, listener));
    }
  }
  return () => {
    for (const one of forget) one();
  };
}

/** The property that an event is about: `isMuted` of `isMutedChanged`, `calls` of `callsUpdated`. */
function propertyOf(object: object, event: string): string | undefined {
  const name = /^(\w+)(?:Changed|Updated)$/.exec(event)?.[1];
  return name !== undefined && name in object ? name : undefined;
}

/** What properties of objects read as, by their names. */
export type Before = Map<object, Map<string, string>>;

/** What all properties read as now. */
export function snapshot(graph: Graph): Before {
  return new Map(
    [...graph.live].map(([object]) => [
      object,
      new Map(readable(object).map((name) => [name, textOf(Reflect.get(object, name))])),
    ]),
  );
}

const numbers = new Map<object, number>();

/** A value as text; of a live object its number, for its own state is another matter. */
function textOf(value: unknown): string {
  const plain = (_key: string, one: unknown): unknown => {
    if (typeof one === "function") return "function";
    if (typeof one !== "object" || one === null || Array.isArray(one)) return one;
    if (Object.getPrototypeOf(one) === Object.prototype || one instanceof Date) return one;
    if (!numbers.has(one)) numbers.set(one, numbers.size);
    return `object ${numbers.get(one)}`;
  };
  return JSON.stringify(value, plain) ?? "undefined";
}

/** Whether the property of an event has changed by the time that it fires. */
export function isUpdated(object: object, event: string, before: Before): boolean {
  const name = propertyOf(object, event);
  if (name === undefined) return true;
  const known = before.get(object);
  const now = textOf(Reflect.get(object, name));
  const was = known?.get(name);
  known?.set(name, now);
  return now !== was;
}

/** Whether all identifiers in a value tell their kind and their raw id. */
export function namesByKind(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  const entries = Object.entries(value);
  const kind: unknown = Reflect.get(value, "kind");
  const isIdentifier = entries.some(([name]) => /^(communicationUserId|phoneNumber)$/.test(name));
  if (isIdentifier)
    return typeof kind === "string" && typeof Reflect.get(value, "rawId") === "string";
  return entries.every(([, one]) => namesByKind(one));
}
