/** One tile: a person's picture, or the initials, with the name and whether they can be heard. */
import { element, personText } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { initials, shownName, tintOf } from "./names.js";
import { type Picture, VideoSlot } from "./video.js";

const TINTS = 6;

/** What a tile shows of its person. */
export interface Look {
  readonly name: string;
  readonly muted: boolean;
  readonly speaking: boolean;
  readonly away: boolean;
  readonly picture: Picture | undefined;
}

/** Who the tile is for; a tile never changes its person. */
export interface Holder {
  readonly rawId: string;
  readonly self: boolean;
}

/** The tile of one person. */
export class Tile {
  readonly root: HTMLElement;
  private readonly _picture = element("div", { class: "tile-picture" });
  private readonly _avatar: HTMLElement;
  private readonly _name = personText("", { class: "cut" });
  private readonly _sound = element("span", { class: "tile-sound" });
  private readonly _away = element("span", { class: "tile-away" }, "Reconnecting…");
  private readonly _slot: VideoSlot;
  private _soundShown = "";

  constructor(private readonly _holder: Holder) {
    this._avatar = element("div", {
      class: `avatar tint-${tintOf(_holder.rawId, TINTS)}`,
      "aria-hidden": "true",
    });
    this.root = element("li", {
      class: _holder.self ? "tile tile-self" : "tile",
      "data-testid": _holder.self ? "self-tile" : "tile",
      "data-raw-id": _holder.rawId,
      "data-video": "off",
    });
    const label = element("span", { class: "tile-label" }, this._sound, this._name);
    this.root.append(this._avatar, this._picture, this._away, label);
    const options = { isMirrored: _holder.self, scalingMode: "Crop" as const };
    this._slot = new VideoSlot(this._picture, options, { shown: (on) => this._showVideo(on) });
  }

  /** Show the person as they are now. */
  draw(look: Look): void {
    const { dataset } = this.root;
    if (dataset["name"] !== look.name) this._rename(look.name);
    dataset["muted"] = String(look.muted);
    dataset["speaking"] = String(look.speaking && !look.muted);
    this._away.hidden = !look.away;
    this._drawSound(look);
    this._slot.show(look.picture);
  }

  dispose(): void {
    this._slot.dispose();
    this.root.remove();
  }

  private _rename(name: string): void {
    this.root.dataset["name"] = name;
    const shown = shownName(name);
    this._name.textContent = this._holder.self ? "You" : shown;
    this._name.title = shown;
    this._avatar.textContent = initials(name);
  }

  private _drawSound(look: Look): void {
    const shown = look.muted ? "muted" : look.speaking ? "speaking" : "";
    if (shown === this._soundShown) return;
    this._soundShown = shown;
    this._sound.replaceChildren();
    if (shown === "") return;
    this._sound.append(icon(shown === "muted" ? "micOff" : "speaking"));
    if (shown === "muted") this._sound.append(element("span", { class: "sr-only" }, "Muted: "));
  }

  private _showVideo(on: boolean): void {
    this.root.dataset["video"] = on ? "on" : "off";
  }
}
