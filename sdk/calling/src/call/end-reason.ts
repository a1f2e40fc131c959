/** Why calls end, in the words and numbers that apps know. */
import type { CallEndReason, CallResultCategory } from "../api/call.js";
import type { Verdict } from "../signalling/messages.js";

const verdict = (code: number, subCode: number, message: string): Verdict => ({
  code,
  subCode,
  message,
});

/** The own `hangUp`. */
export const HUNG_UP = verdict(0, 0, "The call was left.");
/** The own `reject`. */
export const DECLINED = verdict(603, 0, "The call was declined.");
/** Somebody who was called has nothing that could ring. */
export const UNREACHABLE = verdict(480, 10037, "This user cannot be reached.");
/** It stopped ringing while the agent was out of touch. */
export const CANCELLED = verdict(487, 0, "The call does not ring any more.");
/** The agent could not get back to the server in time. */
export const NETWORK_LOST = verdict(496, 7, "The connection to the server was lost.");
/** Media was up and could not be brought back in time: the server says the same, be it a little later. */
export const MEDIA_LOST = verdict(410, 301005, "The media connection was lost.");
/** Media never came up, and the server has not said so itself. */
export const MEDIA_NEVER_UP = verdict(410, 3100, "No media connection could be made.");
/** The same where the engine answered: something on the way lets no media through. */
export const MEDIA_BLOCKED = verdict(410, 3112, "The network lets no media through.");
/** The server came back without knowing the call. */
export const FORGOTTEN = verdict(0, 4521, "The server ended the call while it was out of touch.");

const SUCCESS: readonly string[] = [
  ...["0/0", "0/4097", "0/5000", "0/5003", "0/5300", "0/7000", "0/7015"],
  ...["487/0", "487/10003", "487/10024", "603/0"],
];
const EXPECTED: readonly string[] = [
  ...["0/4521", "0/5317", "403/5830", "403/10124", "404/5732", "410/3112", "413/5808"],
  ...["429/10110"],
  ...["480/10037", "480/10076", "480/10077", "480/10078", "487/10004", "496/7"],
];

/** A verdict as the reason that apps read. A new object each time: an app may freeze it. */
export function endReason({ code, subCode, message }: Verdict): CallEndReason {
  return { code, subCode, message, resultCategories: [categoryOf(`${code}/${subCode}`, code)] };
}

function categoryOf(name: string, code: number): CallResultCategory {
  if (SUCCESS.includes(name)) return "Success";
  if (EXPECTED.includes(name)) return "ExpectedError";
  return code >= 500 ? "UnexpectedServerError" : "UnexpectedClientError";
}
