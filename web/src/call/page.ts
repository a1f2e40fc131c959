/** The frame of the call page: a status for those who cannot see it, and one view at a time. */
import { element } from "../shared/dom.js";
import type { EndCode } from "../shared/reasons.js";
import type { View } from "../shared/view.js";

/** Where the page is on its way through a call. */
export type Phase = "loading" | "ready" | "joining" | "connected" | "ended";

const WORDS: Readonly<Record<Phase, string>> = {
  loading: "Loading…",
  ready: "Ready to join",
  joining: "Joining…",
  connected: "Connected",
  ended: "Not in a call",
};

/** Shows views and tells how things stand. */
export class Page {
  /** Where views stand. */
  readonly place = element("main", { class: "place" });
  private readonly _status = element("p", {
    class: "sr-only",
    role: "status",
    "data-testid": "status",
  });
  private _view: View | undefined;

  constructor(host: HTMLElement) {
    host.replaceChildren(this._status, this.place);
  }

  /** Put up a view in place of the one before. */
  show(view: View, phase: Phase, end?: EndCode): void {
    this._view?.dispose();
    this._view = view;
    this.place.replaceChildren(view.root);
    this.tell(phase, end);
    // Never scroll: a phone would begin with the foot of a form.
    view.focus?.focus({ preventScroll: true });
  }

  /** Change the status alone; `end` has the numbers of a call that is over. */
  tell(phase: Phase, end?: EndCode): void {
    const status = this._status;
    status.dataset["code"] = String(end?.code ?? "");
    status.dataset["subCode"] = String(end?.subCode ?? "");
    if (status.dataset["state"] === phase) return;
    status.dataset["state"] = phase;
    status.textContent = WORDS[phase];
    document.title = `${WORDS[phase]} · OpenRooms`;
  }
}
