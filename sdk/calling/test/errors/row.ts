/** Rows of the table of errors. */
import type { FAILURES } from "../../src/kernel/errors.js";

/** The name of an error of the SDK's own. */
export type ErrorName = keyof typeof FAILURES;

/** What an app does, or what happens to it, so that the error comes; settles or throws with it. */
export type Way = () => unknown;

/** What came of a way: the error. Throws when there was none. */
export async function thrownBy(way: Way): Promise<Error> {
  let outcome: unknown;
  try {
    outcome = await way();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error(`Nothing was thrown, but this came of it: ${String(outcome)}`);
}
