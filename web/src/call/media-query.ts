/** What the screen and its owner prefer, followed while it changes. */
import { useSyncExternalStore } from "react";

/** A phone: narrow, or short and touched by fingers (a phone on its side). */
export const PHONE = "(max-width: 600px), (pointer: coarse) and (max-height: 500px)";
export const DARK = "(prefers-color-scheme: dark)";

/** Whether a media query holds now. */
export function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}
