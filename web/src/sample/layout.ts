/** How tiles share the stage. Only arithmetic: sizes in, sizes out. */

/** The room there is for tiles, in CSS pixels. */
export interface Space {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

/** Equal tiles in rows; the last row may be short. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** Where the own picture goes, and how the stage is divided. */
export type Arrangement = "alone" | "pair" | "grid" | "share";

// A tile may be as wide as film; in an upright window as narrow as a face.
const WIDEST = 16 / 9;
const WIDEST_ALONE = 2.2;
// Beside a shared screen a tile needs this much of the strip to be recognised.
const STRIP_TILE = 124;
const NARROWEST_LYING = 4 / 3;
const NARROWEST_UPRIGHT = 3 / 4;

/** The grid in which `count` tiles are largest. */
export function arrange(count: number, space: Space): Grid {
  let best: Grid = { columns: 1, rows: Math.max(count, 1), tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const grid = fit({ columns, rows: Math.ceil(count / columns) }, space, shapeFor(count, space));
    if (area(grid) > area(best)) best = grid;
  }
  return best;
}

/** One line of tiles along the longer side: the people beside a shared screen. */
export function strip(count: number, space: Space): Grid {
  const lying = space.width > space.height;
  const columns = lying ? Math.max(count, 1) : 1;
  const rows = lying ? 1 : Math.max(count, 1);
  return fit({ columns, rows }, space, { widest: WIDEST, narrowest: NARROWEST_UPRIGHT });
}

/** What the stage shows with that many others. */
export function arrangement(others: number, sharing: boolean): Arrangement {
  if (sharing) return "share";
  if (others === 0) return "alone";
  return others === 1 ? "pair" : "grid";
}

/** How many others get a tile; the rest are in the list of people. */
export function tileLimit(space: Space, sharing: boolean): number {
  const narrow = Math.min(space.width, space.height) < 480;
  if (sharing) return narrow ? 2 : Math.max(1, Math.floor(space.height / STRIP_TILE) - 2);
  return narrow ? 5 : 24;
}

/** Who gets a tile when there are more than `limit`: those seen or heard first, in their old order. */
export function chooseShown<T>(
  people: readonly T[],
  limit: number,
  weight: (person: T) => number,
): T[] {
  if (people.length <= limit) return [...people];
  const ranked = people.map((person, place) => ({ person, place, weight: weight(person) }));
  ranked.sort((a, b) => b.weight - a.weight || a.place - b.place);
  return ranked
    .slice(0, Math.max(limit, 0))
    .sort((a, b) => a.place - b.place)
    .map((entry) => entry.person);
}

interface Shape {
  readonly widest: number;
  readonly narrowest: number;
}

function shapeFor(count: number, space: Space): Shape {
  const upright = space.width <= space.height;
  if (count === 1) return { widest: WIDEST_ALONE, narrowest: upright ? 0 : NARROWEST_LYING };
  return { widest: WIDEST, narrowest: upright ? NARROWEST_UPRIGHT : NARROWEST_LYING };
}

function fit(
  { columns, rows }: { readonly columns: number; readonly rows: number },
  space: Space,
  shape: Shape,
): Grid {
  const width = (space.width - space.gap * (columns - 1)) / columns;
  const height = (space.height - space.gap * (rows - 1)) / rows;
  if (width <= 0 || height <= 0) return { columns, rows, tileWidth: 0, tileHeight: 0 };
  const tileWidth = Math.floor(Math.min(width, height * shape.widest));
  const tallest = shape.narrowest === 0 ? height : width / shape.narrowest;
  return { columns, rows, tileWidth, tileHeight: Math.floor(Math.min(height, tallest)) };
}

function area(grid: Grid): number {
  return grid.tileWidth * grid.tileHeight;
}
