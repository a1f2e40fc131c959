/** Small news: shown for a few seconds, and read out by screen readers. */
import { element } from "../shared/dom.js";

const SHOWN_FOR = 6000;
const MOST_NEWS = 3;
// The newest warning is the one that holds: a role taken and given back is told as given.
const MOST_WARNINGS = 1;

/** Tells joins, leaves, mutes, role changes and refusals. */
export class Announcer {
  readonly root: HTMLElement;
  private readonly _news = element("div", {
    class: "news",
    role: "log",
    "aria-live": "polite",
    "data-testid": "news",
  });
  private readonly _heard = element("div", {
    class: "sr-only",
    role: "log",
    "aria-live": "polite",
  });
  private readonly _alerts = element("div", {
    class: "news",
    role: "alert",
    "data-testid": "alert",
  });

  constructor() {
    this.root = element("div", { class: "announcer" }, this._alerts, this._news, this._heard);
  }

  /** Forget what was told of a call that is over. */
  clear(): void {
    for (const region of [this._alerts, this._news, this._heard]) region.replaceChildren();
  }

  /** Show and read out. */
  tell(text: string): void {
    this._put(this._news, text, MOST_NEWS);
  }

  /** Read out only: news that everybody else sees on the tiles. */
  whisper(text: string): void {
    this._put(this._heard, text, MOST_NEWS);
  }

  /** Show and read out at once: something did not work, or was taken away. */
  warn(text: string): void {
    this._put(this._alerts, text, MOST_WARNINGS);
  }

  private _put(region: HTMLElement, text: string, most: number): void {
    const item = element("p", { class: "news-item", dir: "auto" }, text);
    region.append(item);
    while (region.childElementCount > most) region.firstElementChild?.remove();
    setTimeout(() => item.remove(), SHOWN_FOR);
  }
}
