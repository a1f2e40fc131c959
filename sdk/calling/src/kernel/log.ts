/** The SDK's voice: quiet until the app raises the level of `@azure/logger`. */
import { type AzureLogger, createClientLogger } from "@azure/logger";

/** Where the SDK writes; never a token, never a person's words. */
export type Log = Pick<AzureLogger, "error" | "warning" | "info" | "verbose">;

/** The log of an app that brought none of its own. */
export const defaultLog: Log = createClientLogger("communication-calling");
