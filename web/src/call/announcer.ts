/** Small news: shown for a few seconds, and read out by screen readers. */
import { element } from "../shared/dom.js";

const SHOWN_FOR = 6000;
const MOST_AT_ONCE = 3;

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

  /** Show and read out. */
  tell(text: string): void {
    put(this._news, text, "");
  }

  /** Read out only: news that everybody else sees on the tiles. */
  whisper(text: string): void {
    put(this._heard, text, "");
  }

  /** Show and read out at once: something did not work, or was taken away. */
  warn(text: string): void {
    put(this._alerts, text, "news-warning");
  }
}

function put(region: HTMLElement, text: string, look: string): void {
  const item = element("p", { class: `news-item ${look}`.trim(), dir: "auto" }, text);
  region.append(item);
  while (region.childElementCount > MOST_AT_ONCE) region.firstElementChild?.remove();
  setTimeout(() => item.remove(), SHOWN_FOR);
}
