/** The page that tells what of the surface is there tells the truth of the objects that apps get. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { surfacePage } from "../../surface.mjs";
import surface from "../surface.json" with { type: "json" };

const TYPES = fileURLToPath(new URL("../dist/types", import.meta.url));
const BUILT = new URL("../dist/index.js", import.meta.url).href;

/** The cells of a row: done, inert, absent, of our own. */
function row(page: string, name: string): string[][] {
  const line = page.split("\n").find((one) => one.startsWith(`| \`${name}\` `)) ?? "";
  const cells = line.split("|").slice(2, -1);
  return cells.map((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, member]) => member ?? ""));
}

const page: string = await surfacePage(surface, TYPES, Object.keys(await import(BUILT)));
const api: Readonly<Record<string, unknown>> = await import(BUILT);

test("the page in the package is the one of these declarations", () => {
  expect(readFileSync(new URL("../dist/SURFACE.md", import.meta.url), "utf8")).toBe(page);
});

test.each(Object.entries(surface))(
  "what is called inert of %s is there, and inert",
  (name, part) => {
    const inert: readonly string[] = "inert" in part ? part.inert : [];
    const events = page.split("\n")[page.split("\n").indexOf(rowOf(name)) + 1] ?? "";

    expect(inert.filter((one) => !`${rowOf(name)}${events}`.includes(`\`${one}\``))).toEqual([]);
    expect(row(page, name)[2]?.filter((one) => inert.includes(one))).toEqual([]);
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

test.each(["CallClient", "LocalVideoStream", "VideoStreamRenderer"])(
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

test("what is absent has a reason, and nothing else has one", () => {
  const absent = Object.keys(surface).flatMap((name) => [
    ...(row(page, name)[2] ?? []),
    ...eventsOf(name).filter((one) => one !== ""),
  ]);
  const reasons = Object.values(surface).flatMap((part) =>
    "absent" in part ? Object.keys(part.absent) : [],
  );

  expect(reasons.sort()).toEqual(absent.sort());
});

test("a member that is declared nowhere is absent, and one that the original lacks is our own", async () => {
  const list = { CallClient: { members: ["dispose", "fly"] } };

  const told = row(await surfacePage(list, TYPES, []), "CallClient");

  expect(told[0]).toEqual(["dispose"]);
  expect(told[2]).toEqual(["fly"]);
  expect(told[3]).toContain("createCallAgent");
});
