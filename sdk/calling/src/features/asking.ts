/** How features reach the server. */
import { FAILURES, raise } from "../kernel/errors.js";
import { rawIdOf } from "../kernel/identifiers.js";
import type { Delivery } from "../signalling/operations.js";

/** The call that a feature belongs to. */
export interface Asking {
  /** Ask the server for something in this call. Rejects while the call is not up. */
  readonly ask: (op: string, fields: object) => Promise<void>;
  /** Have the server pass something on to the others. Rejects while the call is not up. */
  readonly deliver: (op: string, fields: object, how: Delivery) => Promise<void>;
  /** Hand in something that the server keeps, in the call or when it is over. */
  readonly handIn: (op: string, fields: object) => Promise<void>;
  /** Whether the call is Connected, or on hold. */
  readonly isUp: () => boolean;
  /** The own raw id. */
  readonly ownId: () => string;
}

/** The raw ids of participants. Throws when something else is among them. */
export function rawIdsOf(participants: unknown): string[] {
  if (!Array.isArray(participants)) throw raise(FAILURES.badIdentifier);
  return participants.map((one) => {
    const rawId = rawIdOf(one);
    if (rawId === undefined) throw raise(FAILURES.badIdentifier);
    return rawId;
  });
}
