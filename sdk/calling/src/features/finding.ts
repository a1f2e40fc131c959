/** Finding the extra that an app asks for. */
import { FAILURES, raise } from "../kernel/errors.js";

interface Named {
  readonly name: string;
}

/**
 * The one of some features that goes by a name. Throws 405/49002 when none does.
 *
 * The factory that the name comes from says, by its type parameter, which feature that is.
 */
export function featureNamed<F extends Named>(
  name: string | undefined,
  features: Iterable<Named>,
): F {
  for (const one of features) if (one.name === name) return one as F;
  throw raise(FAILURES.featureNotSupported);
}
