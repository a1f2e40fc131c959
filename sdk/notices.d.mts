/** The notices for the packages that went into a bundle made from `inputs`; undefined: none did. */
export function notices(inputs: readonly string[]): Promise<string | undefined>;
