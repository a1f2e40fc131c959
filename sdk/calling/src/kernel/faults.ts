/** What to do with errors that belong to the app and not to us. */

/**
 * Report an error of a listener without disturbing whoever called it: the page sees it as an
 * uncaught error, a moment later.
 */
export function reportLater(error: unknown): void {
  queueMicrotask(() => {
    if (typeof globalThis.reportError === "function") globalThis.reportError(error);
    else console.error(error);
  });
}
