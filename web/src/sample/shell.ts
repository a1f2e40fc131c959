/** The frame around every view of the sample: head, status, announcements, and one view at a time. */
import { element } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import type { View } from "../shared/view.js";
import { Announcer } from "./announcer.js";

/** Where the page is on its way through a call. */
export type Phase = "ready" | "joining" | "connected" | "reconnecting" | "ended";

const WORDS: Readonly<Record<Phase, string>> = {
  ready: "Ready to join",
  joining: "Joining…",
  connected: "Connected",
  reconnecting: "Reconnecting…",
  ended: "Not in a call",
};

/** Shows views and tells how things stand. */
export class Shell {
  readonly announcer: Announcer;
  private readonly _status = element("p", {
    class: "status",
    role: "status",
    "data-testid": "status",
  });
  private readonly _aside = element("div", { class: "head-aside" });
  private readonly _place = element("main", { class: "place" });
  private _view: View | undefined;

  constructor(host: HTMLElement) {
    const brand = element(
      "a",
      { class: "brand", href: "/", title: "About this server" },
      icon("door"),
    );
    brand.append(element("span", { class: "brand-words" }, "OpenRooms"));
    brand.setAttribute("aria-label", "OpenRooms: about this server");
    // In a new tab: a slip on the name must not end a consultation.
    brand.target = "_blank";
    const head = element("header", { class: "head" }, brand, this._status, this._aside);
    this.announcer = new Announcer();
    host.replaceChildren(head, this._place, this.announcer.root);
  }

  /** Put up a view in place of the one before. */
  show(view: View, phase: Phase): void {
    this._view?.dispose();
    this._view = view;
    if (phase !== "connected") this.announcer.clear();
    this._place.replaceChildren(view.root);
    this._aside.replaceChildren(...(view.aside === undefined ? [] : [view.aside]));
    document.body.dataset["phase"] = phase;
    this.tell(phase);
    // Never scroll: a phone would begin with the foot of the form.
    view.focus?.focus({ preventScroll: true });
  }

  /** Change the status alone. */
  tell(phase: Phase): void {
    if (this._status.dataset["state"] === phase) return;
    this._status.dataset["state"] = phase;
    this._status.textContent = WORDS[phase];
    document.title = `${WORDS[phase]} · OpenRooms`;
  }
}
