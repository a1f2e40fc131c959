/** No server of this version hands calls over: asking for it says so. */
import type { Transfer, TransferCallFeature, TransferCallFeatureEvents } from "../api/transfer.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";

/** The transfers of one call. */
export class TransferObject
  extends Emitter<TransferCallFeatureEvents>
  implements TransferCallFeature
{
  readonly name = "Transfer";

  transfer(): Transfer {
    throw raise(FAILURES.featureNotSupported, "This server cannot hand calls over.");
  }
}
