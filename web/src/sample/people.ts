/** The list of everybody in the call: who, in what role, muted or not. */
import { element, personText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { shownName } from "./names.js";
import { roleName } from "./roles.js";
import type { Person } from "./roster.js";

/** One line of the list. */
export interface Line {
  readonly rawId: string;
  readonly name: string;
  readonly role: string;
  readonly muted: boolean;
  readonly self: boolean;
}

/** The line of another participant. */
export function lineOf(person: Person): Line {
  const { isMuted, role } = person.participant;
  return {
    rawId: person.rawId,
    name: person.givenName,
    role: role ?? "",
    muted: isMuted,
    self: false,
  };
}

/** A panel beside the stage; on a phone it covers it. */
export class PeoplePanel {
  readonly root: HTMLElement;
  private readonly _list = element("ul", { class: "people-list" });
  private readonly _title = element("h2", { id: "people-title", tabindex: "-1" });
  private readonly _close: HTMLButtonElement;
  private _isOpen = false;

  constructor(closed: () => void) {
    this._close = element("button", {
      type: "button",
      class: "bare",
      "aria-label": "Close",
      title: "Close (Esc)",
    });
    this._close.append(icon("close"));
    this._close.addEventListener("click", closed);
    this.root = element(
      "aside",
      {
        class: "people",
        id: "people",
        "aria-labelledby": "people-title",
        "data-testid": "people-panel",
      },
      element("div", { class: "people-head" }, this._title, this._close),
      this._list,
    );
    this.root.hidden = true;
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") closed();
    });
  }

  get isOpen(): boolean {
    return this._isOpen;
  }

  /** Open or close; the title is focused, so that the list is read from its start. */
  open(on: boolean): void {
    this._isOpen = on;
    this.root.hidden = !on;
    if (on) this._title.focus();
  }

  /** Show these people. */
  draw(lines: readonly Line[]): void {
    this._title.textContent = `In the call (${lines.length})`;
    if (this._isOpen) this._list.replaceChildren(...lines.map(row));
  }
}

function row(line: Line): HTMLElement {
  const name = personText(shownName(line.name), { class: "cut" });
  const words = [roleName(line.role), line.self ? "you" : "", line.muted ? "muted" : ""].filter(
    (word) => word !== "",
  );
  const made = element(
    "li",
    { class: "people-row", "data-raw-id": line.rawId, "data-muted": String(line.muted) },
    element(
      "span",
      { class: "people-words" },
      name,
      element("span", { class: "fine" }, words.join(", ")),
    ),
    icon(line.muted ? "micOff" : "mic"),
  );
  return made;
}
