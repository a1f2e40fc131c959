/** Why the server did not answer, found out by asking it plainly. */
import { type Reason, reasonFor } from "./reasons.js";
import { unreachable } from "./troubles.js";

const PROBE_PATIENCE = 4000;
const UNREADY = 503;

/** Ask the server plainly whether it is there, to tell a dead server from a blocked call. */
export async function explainSilence(): Promise<Reason> {
  try {
    const answer = await fetch("/health", {
      cache: "no-store",
      signal: AbortSignal.timeout(PROBE_PATIENCE),
    });
    if (answer.status === UNREADY) return reasonFor({ code: UNREADY, subCode: 0 });
    return unreachable(location.origin, answer.ok);
  } catch {
    return unreachable(location.origin, false);
  }
}
