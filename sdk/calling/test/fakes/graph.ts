/** Walks over everything that an app can reach from an object of the SDK. */
import { readdirSync, readFileSync } from "node:fs";
import { Features } from "../../src/features/features.js";
import { settled } from "./clock.js";

const SOURCES = new URL("../../src/", import.meta.url);
/** Classes that apps make themselves: their members are in no file of `api`. */
const CLASSES = [
  "client.ts",
  "streams/local-video-stream.ts",
  "streams/local-audio-stream.ts",
  "streams/renderer.ts",
];

const apiText = readdirSync(new URL("api/", SOURCES)).map((name) => read(`api/${name}`));
const classTexts = CLASSES.map((name) =>
  // What only the SDK itself may call is marked, and no app sees it.
  read(name).replace(/\/\*\*(?:(?!\*\/)[\s\S])*@internal\s*\*\/\n[^\n]*\n/g, ""),
);

/** The names of all members that the API declares. */
export const PUBLIC: ReadonlySet<string> = new Set(
  [...apiText, ...classTexts].flatMap((text) =>
    namesIn(text, /^ {2}(?:static |async |get |readonly )*(\w+)\??[:(<]/gm),
  ),
);

/** The names of all events that the API declares. */
export const EVENTS: readonly string[] = [
  ...new Set(
    [...apiText, ...classTexts].flatMap((text) => namesIn(text, /(\w+): (?:\[|Parameters<)/g)),
  ),
];

function read(name: string): string {
  return readFileSync(new URL(name, SOURCES), "utf8");
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name ?? "");
}

/** What a walk found. */
export interface Graph {
  /** Objects of the SDK that live, by where they were found first. */
  readonly live: ReadonlyMap<object, string>;
  /** Plain values that were handed out, with where. */
  readonly plain: readonly (readonly [string, object])[];
  /** The live objects by every way that leads to one. */
  readonly ways: ReadonlyMap<string, object>;
}

/** Walk from these: properties, getters, features, and what `get…` methods give. */
export async function walk(roots: Readonly<Record<string, object>>): Promise<Graph> {
  const graph = {
    live: new Map<object, string>(),
    plain: [] as [string, object][],
    ways: new Map(),
  };
  for (const [name, root] of Object.entries(roots)) await visit(graph, name, root);
  return graph;
}

interface Growing extends Graph {
  readonly live: Map<object, string>;
  readonly plain: [string, object][];
  readonly ways: Map<string, object>;
}

async function visit(graph: Growing, way: string, value: unknown): Promise<void> {
  if (typeof value !== "object" || value === null) return;
  if (isPlain(value)) {
    graph.plain.push([way, value]);
    for (const [name, inner] of Object.entries(value)) await visit(graph, `${way}.${name}`, inner);
    return;
  }
  if (!isOurs(value)) return;
  graph.ways.set(way, value);
  if (graph.live.has(value)) return;
  graph.live.set(value, way);
  for (const name of readable(value)) {
    await visit(graph, `${way}.${name}`, Reflect.get(value, name));
  }
  for (const name of methods(value)) await visitAnswer(graph, way, { value, name });
  for (const [name, factory] of Object.entries(Features)) {
    await visit(graph, `${way}.feature(${name})`, featureOf(value, factory));
  }
}

async function visitAnswer(
  graph: Growing,
  way: string,
  { value, name }: { readonly value: object; readonly name: string },
): Promise<void> {
  if (!/^get[A-Z]/.test(name)) return;
  const answer = attempt(() => Reflect.get(value, name).call(value));
  // Some answers come only when a call is up: then there is nothing to look at yet.
  const known = await Promise.race([answer, settled()]).catch(() => undefined);
  await visit(graph, `${way}.${name}()`, known);
}

/** The feature of an object; undefined where it has none of that name. */
export function featureOf(object: object, factory: object): unknown {
  const feature: unknown = Reflect.get(object, "feature");
  if (typeof feature !== "function") return undefined;
  return attempt(() => feature.call(object, factory));
}

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Whether state libraries would freeze it. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

const FOREIGN = /^(Promise|Date|Map|Set|WeakSet|FakeStream|FakeTrack|Error|AbortController)$/;

function isOurs(value: object): boolean {
  const { name } = value.constructor;
  return !FOREIGN.test(name) && !(value instanceof Error) && !(value instanceof EventTarget);
}

/** The public names of what an object has and inherits, with their descriptors. */
function descriptors(object: object): [string, PropertyDescriptor][] {
  const found: [string, PropertyDescriptor][] = [];
  for (let one = object; one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    found.push(...Object.entries(Object.getOwnPropertyDescriptors(one)));
  }
  return found.filter(([name]) => PUBLIC.has(name) && name !== "constructor");
}

/** The names of own properties and getters. */
export function readable(object: object): string[] {
  const isData = ({ get, value }: PropertyDescriptor): boolean =>
    get !== undefined || typeof value !== "function";
  return descriptors(object).flatMap(([name, one]) => (isData(one) ? [name] : []));
}

/** What only the SDK itself calls, though other objects have public methods of the same name. */
const INTERNAL = ["CallInfoObject.admit", "LocalVideoStream.hold", "LocalAudioStream.hold"];

/** The names of methods, own functions among them. */
export function methods(object: object): string[] {
  const isMethod = (name: string, value: unknown): boolean =>
    typeof value === "function" && !INTERNAL.includes(`${object.constructor.name}.${name}`);
  return descriptors(object).flatMap(([name, { value }]) => (isMethod(name, value) ? [name] : []));
}

/** Freeze as state libraries do: plain objects and arrays, all the way down. */
export function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || !isPlain(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
