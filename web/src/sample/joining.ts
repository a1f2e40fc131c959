/** The moment between Join and the call. */
import { textButton } from "../shared/button.js";
import { element } from "../shared/dom.js";
import type { View } from "../shared/view.js";

/** A quiet wait that can be broken off. */
export class JoiningView implements View {
  readonly root: HTMLElement;
  readonly focus: HTMLElement;

  constructor(words: string, cancel: () => void) {
    const title = element("h1", { tabindex: "-1" }, words);
    this.focus = title;
    this.root = element(
      "section",
      { class: "card message", "data-testid": "joining" },
      element("span", { class: "spinner", "aria-hidden": "true" }),
      title,
      textButton("Cancel", cancel, { testid: "cancel", quiet: true }),
    );
  }

  dispose(): void {
    // Nothing was begun.
  }
}
