/** What of the original's surface a package has, as a page. */
export interface Part {
  readonly members?: readonly string[];
  readonly events?: readonly string[];
  /** Those that are there and do nothing; true when all do. */
  readonly inert?: readonly string[] | true;
  /** Those that the original lacks. */
  readonly own?: readonly string[];
  /** By name: why it is absent. */
  readonly absent?: Readonly<Record<string, string>>;
  /** By name: what something inert does all the same. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Why apps never get one, in the place of all else. */
  readonly never?: string;
}

/** Rejects when the declarations have what the list leaves out. */
export function surfacePage(
  surface: Readonly<Record<string, Part>>,
  folder: string,
  exported: readonly string[],
): Promise<string>;
