/** What of the original's surface a package has, as a page. */
export interface Part {
  readonly members: readonly string[];
  readonly events?: readonly string[];
  readonly inert?: readonly string[];
  /** By name: why it is absent. */
  readonly absent?: Readonly<Record<string, string>>;
}

export function surfacePage(
  surface: Readonly<Record<string, Part>>,
  folder: string,
  exported: readonly string[],
): Promise<string>;
