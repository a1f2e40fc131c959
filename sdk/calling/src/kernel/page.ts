/** What happens to the page: it goes away, comes back, and its network changes. */

/** Takes a listener back. */
export type Forget = () => void;

/** The page that the SDK runs in. */
export interface Page {
  /** The page goes away, for good or into the browser's cache. */
  onLeave(listener: () => void): Forget;
  /** The page comes back from the browser's cache. */
  onReturn(listener: () => void): Forget;
  /** The network came, went or changed. */
  onNetwork(listener: () => void): Forget;
  /** Whether the device believes to have a network. */
  isOnline(): boolean;
}

/** The browser's page; outside of a browser nothing ever happens to it. */
export const browserPage: Page = {
  onLeave: (listener) => listen("pagehide", listener),
  onReturn: (listener) =>
    listen("pageshow", (event) => {
      if (event instanceof PageTransitionEvent && event.persisted) listener();
    }),
  onNetwork: (listener) => {
    const forget = [listen("online", listener), listen("offline", listener)];
    return () => {
      for (const one of forget) one();
    };
  },
  isOnline: () => typeof navigator === "undefined" || navigator.onLine !== false,
};

function listen(name: string, listener: (event: Event) => void): Forget {
  if (typeof window === "undefined") return () => undefined;
  window.addEventListener(name, listener);
  return () => window.removeEventListener(name, listener);
}
