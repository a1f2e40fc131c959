/** Turns livekit-client's words over to our log; nothing of its own goes to the console. */
import { getLogger, LoggerNames } from "livekit-client";
import type { Log } from "../../kernel/log.js";

/** Send what livekit-client says to `log`. It has one voice for the page: the last caller wins. */
export function adoptLiveKitLog(log: Log): void {
  for (const name of Object.values(LoggerNames)) {
    const logger = getLogger(name);
    logger.methodFactory = (level) => (words: string) => {
      // Its context objects may hold what must not be logged, such as addresses with tickets.
      if (level === "error" || level === "warn") log.warning(words);
      else log.verbose(words);
    };
    // Not kept in the page's storage.
    logger.setLevel("info", false);
  }
}
