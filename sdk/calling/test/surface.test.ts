/** The page that tells what of the surface is there tells the truth of the objects that apps get. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Part, surfacePage } from "../../surface.mjs";
import surface from "../surface.json" with { type: "json" };

const TYPES = fileURLToPath(new URL("../dist/types", import.meta.url));
const BUILT = new URL("../dist/index.js", import.meta.url).href;

/** The cells of a row: done, inert, absent, of our own. */
function row(page: string, name: string): string[][] {
  const line = page.split("\n").find((one) => one.startsWith(`| \`${name}\` `)) ?? "";
  const cells = line.split("|").slice(2, -1);
  return cells.map((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, member]) => member ?? ""));
}

type List = Readonly<Record<string, Part>>;

const listed = surface as List;
const page: string = await surfacePage(listed, TYPES, Object.keys(await import(BUILT)));
const api: Readonly<Record<string, unknown>> = await import(BUILT);

test("the page in the package is the one of these declarations", () => {
  expect(readFileSync(new URL("../dist/SURFACE.md", import.meta.url), "utf8")).toBe(page);
});

test.each(Object.entries(listed).filter(([, { never }]) => never === undefined))(
  "what is called inert of %s is there, and inert",
  (name, { members = [], events: heard = [], inert = [] }) => {
    const all = inert === true ? [...members, ...heard] : inert;
    const events = page.split("\n")[page.split("\n").indexOf(rowOf(name)) + 1] ?? "";

    expect(all.filter((one) => !`${rowOf(name)}${events}`.includes(`\`${one}\``))).toEqual([]);
    expect(row(page, name)[2]?.filter((one) => all.includes(one))).toEqual([]);
  },
);

/** The events of an object that are absent. */
function eventsOf(name: string): string[] {
  const lines = page.split("\n");
  const next = lines[lines.indexOf(rowOf(name)) + 1] ?? "";
  const cell = next.startsWith("| its events") ? (next.split("|")[4] ?? "") : "";
  return [...cell.matchAll(/`(\w+)`/g)].map(([, member]) => member ?? "");
}

function rowOf(name: string): string {
  return page.split("\n").find((one) => one.startsWith(`| \`${name}\` `)) ?? "";
}

test.each(["CallClient", "LocalVideoStream", "LocalAudioStream", "VideoStreamRenderer"])(
  "%s has at run time what the page says, and nothing that it calls absent",
  (name) => {
    const { prototype } = api[name] as { prototype: object };
    const [done = [], , absent = [], own = []] = row(page, name);

    expect([...done, ...own].filter((member) => !(member in prototype))).toEqual([]);
    expect(absent.filter((member) => member in prototype)).toEqual([]);
  },
);

test("the features are those of the page", () => {
  const [done = [], inert = [], , own = []] = row(page, "Features");

  expect([...done, ...inert, ...own].sort()).toEqual(Object.keys(api["Features"] as object).sort());
});

test("what is told of besides is inert", () => {
  const notes = Object.entries(listed).flatMap(([name, part]) =>
    Object.keys(part.notes ?? {}).map((one) => [name, one] as const),
  );

  expect(notes.filter(([name, one]) => !row(page, name)[1]?.includes(one))).toEqual([]);
});

test("what is absent has a reason, and nothing else has one", () => {
  const absent = Object.keys(listed).flatMap((name) => [
    ...(row(page, name)[2] ?? []),
    ...eventsOf(name).filter((one) => one !== ""),
  ]);
  const reasons = Object.values(listed).flatMap((part) => Object.keys(part.absent ?? {}));

  expect(reasons.sort()).toEqual(absent.sort());
});

test("a member that is declared nowhere is absent", async () => {
  const { CallClient } = surface;
  const list = { ...listed, CallClient: { members: [...CallClient.members, "fly"] } };

  const told = row(await surfacePage(list, TYPES, []), "CallClient");

  expect(told).toEqual([CallClient.members, [], ["fly"], []]);
});

function without(name: string): List {
  return Object.fromEntries(Object.entries(listed).filter(([one]) => one !== name));
}

function leaving(name: string, where: "members" | "events" | "own", left: string): List {
  const part = listed[name] ?? {};
  return { ...listed, [name]: { ...part, [where]: part[where]?.filter((one) => one !== left) } };
}

const LEFT_OUT: Readonly<Record<string, List>> = {
  LocalAudioStream: without("LocalAudioStream"),
  CallInfo: without("CallInfo"),
  CallSurveyFeature: without("CallSurveyFeature"),
  Volume: without("Volume"),
  NetworkDiagnosticValues: without("NetworkDiagnosticValues"),
  "Lobby.admitAll": leaving("Lobby", "members", "admitAll"),
  "Call.mute": leaving("Call", "members", "mute"),
  "Call.idChanged": leaving("Call", "events", "idChanged"),
  "PPTLiveCallFeature.isActiveChanged": leaving("PPTLiveCallFeature", "events", "isActiveChanged"),
  "Call.ending": leaving("Call", "own", "ending"),
};

test.each(Object.entries(LEFT_OUT))("a list without %s is an error", async (missing, list) => {
  const making = surfacePage(list, TYPES, []);

  await expect(making).rejects.toThrow(`surface.json lacks ${missing}.`);
});

test("a name that the package exports and the list leaves out is an error", async () => {
  await expect(surfacePage(listed, TYPES, ["Wings"])).rejects.toThrow("the package.Wings");
});

test("diagnostics that are called done are raised somewhere, and the inert ones nowhere", () => {
  const sources = ["call", "features"].map(sourcesIn).join("");
  const isRaised = (one: string): boolean => sources.includes(`"${one}"`);
  const names = ["NetworkDiagnosticValues", "MediaDiagnosticValues"];
  const [done, inert] = [0, 1].map((at) => names.flatMap((name) => row(page, name)[at] ?? []));

  expect(done?.filter((one) => !isRaised(one))).toEqual([]);
  expect(inert?.filter(isRaised)).toEqual([]);
});

/** The text of all sources in a folder. */
function sourcesIn(folder: string): string {
  const path = fileURLToPath(new URL(`../src/${folder}`, import.meta.url));
  return readdirSync(path)
    .map((name) => readFileSync(`${path}/${name}`, "utf8"))
    .join("");
}
