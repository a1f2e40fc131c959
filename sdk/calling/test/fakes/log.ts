/** A log that nobody reads. */
import { AzureLogger, createClientLogger, setLogLevel } from "@azure/logger";
import type { Log } from "../../src/kernel/log.js";

setLogLevel(undefined);
AzureLogger.log = () => undefined;

/** Says nothing. */
export const quiet: Log = createClientLogger("test");
