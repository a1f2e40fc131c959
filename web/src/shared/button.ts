/** Buttons: one look, one size for fingers, one way to say what they do. */
import { element } from "./dom.js";
import { type IconName, icon } from "./icons.js";

/** What a button shows and says. */
export interface ButtonFace {
  readonly icon: IconName;
  readonly label: string;
  /** The key that does the same, told in the tooltip. */
  readonly key?: string;
}

/** A round button of a toolbar: a picture with a word below it. */
export class RoundButton {
  readonly root: HTMLButtonElement;
  private readonly _picture = element("span", { class: "round-picture" });
  private readonly _words = element("span", { class: "round-words" });
  private _face: ButtonFace | undefined;
  private _locked: string | undefined;

  /** `refused` hears why a locked button did nothing. */
  constructor(testid: string, press: () => void, refused?: (why: string) => void) {
    this.root = element("button", { type: "button", class: "round", "data-testid": testid });
    this.root.append(this._picture, this._words);
    this.root.addEventListener("click", () => {
      if (this._locked === undefined) press();
      else refused?.(this._locked);
    });
  }

  /** Show another face. */
  wear(face: ButtonFace): void {
    if (face.icon !== this._face?.icon) this._picture.replaceChildren(icon(face.icon));
    this._face = face;
    this._words.textContent = face.label;
    this.root.setAttribute("aria-label", face.label);
    if (face.key !== undefined) this.root.setAttribute("aria-keyshortcuts", face.key);
    this._tip();
  }

  /** Mark the button as standing for something that is off. */
  markOff(off: boolean): void {
    this.root.classList.toggle("is-off", off);
  }

  /** Keep the button reachable, so that its reason can be read, but without effect. */
  lock(reason: string | undefined): void {
    this._locked = reason;
    this.root.setAttribute("aria-disabled", String(reason !== undefined));
    this._tip();
  }

  private _tip(): void {
    const face = this._face;
    if (face === undefined) return;
    const usual = face.key === undefined ? face.label : `${face.label} (${face.key})`;
    this.root.title = this._locked ?? usual;
  }
}

/** A button with words. */
export function textButton(
  label: string,
  press: () => void,
  look: { readonly testid?: string; readonly quiet?: boolean } = {},
): HTMLButtonElement {
  const kind = look.quiet === true ? "button button-quiet" : "button";
  const made = element(
    "button",
    { type: "button", class: kind, "data-testid": look.testid },
    label,
  );
  made.addEventListener("click", press);
  return made;
}
