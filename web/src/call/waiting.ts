/** A quiet wait while the page fetches what a call needs. */
import { element } from "../shared/dom.js";
import type { View } from "../shared/view.js";

/** A wait with words. */
export class WaitingView implements View {
  readonly root: HTMLElement;

  constructor(words: string) {
    this.root = element(
      "section",
      { class: "message waiting", "data-testid": "waiting" },
      element("span", { class: "spinner", "aria-hidden": "true" }),
      element("p", {}, words),
    );
  }

  dispose(): void {
    // Nothing was begun.
  }
}
