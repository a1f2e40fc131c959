/** The stage: tiles that share the room there is, and a shared screen in front of them. */
import { element, personText } from "../shared/dom.js";
import {
  type Arrangement,
  arrange,
  arrangement,
  chooseShown,
  type Space,
  strip,
  tileLimit,
} from "./layout.js";
import type { Person, Roster } from "./roster.js";
import { type Look, Tile } from "./tile.js";
import { VideoSlot } from "./video.js";

const GAP = 8;

/** Keeps the tiles in step with the roster and with the size of the window. */
export class Stage {
  readonly root: HTMLElement;
  private readonly _tiles = element("ul", { class: "tiles", "aria-label": "People in the call" });
  private readonly _screen = element("div", { class: "screen-picture" });
  private readonly _screenName = element("p", { class: "tile-label" });
  private readonly _share: HTMLElement;
  private readonly _more = element("li", { class: "tile tile-more", "data-testid": "more" });
  private readonly _hint = element("p", { class: "stage-hint" }, "You are the only one here.");
  private readonly _slot: VideoSlot;
  private readonly _byPerson = new Map<Person, Tile>();
  private readonly _watch: ResizeObserver;
  private _roster: Roster | undefined;
  private _planned = false;

  constructor(private readonly _self: Tile) {
    this._share = element(
      "section",
      { class: "screen", "data-testid": "share-tile" },
      this._screen,
      this._screenName,
    );
    this._share.hidden = true;
    this.root = element("div", { class: "stage" }, this._share, this._tiles, this._hint);
    this._slot = new VideoSlot(
      this._screen,
      { scalingMode: "Fit" },
      { shown: (on) => this._showScreen(on) },
    );
    this._watch = new ResizeObserver(() => this._plan());
    this._watch.observe(this.root);
  }

  /** Show these people from now on. */
  follow(roster: Roster): void {
    this._roster = roster;
    this._plan();
  }

  /** Somebody came, went, or looks different. */
  update(): void {
    this._plan();
  }

  dispose(): void {
    this._watch.disconnect();
    this._slot.dispose();
    for (const tile of this._byPerson.values()) tile.dispose();
    this._byPerson.clear();
  }

  /** Draw once in the next frame, however much has changed. */
  private _plan(): void {
    if (this._planned) return;
    this._planned = true;
    queueMicrotask(() => {
      this._planned = false;
      this._draw();
    });
  }

  private _draw(): void {
    const people = this._roster?.people ?? [];
    const sharer = people.find((person) => person.screen !== undefined);
    this._drawShare(sharer);
    const plan = arrangement(people.length, sharer !== undefined);
    this.root.dataset["plan"] = plan;
    this._hint.hidden = plan !== "alone";
    const shown = chooseShown(
      people,
      tileLimit(this._space(this.root), sharer !== undefined),
      weight,
    );
    this._keep(shown);
    for (const person of shown) this._tileOf(person).draw(lookOf(person));
    this._drawMore(people.length - shown.length);
    this._place(shown);
    this._size(plan);
  }

  private _drawShare(sharer: Person | undefined): void {
    this._share.hidden = sharer === undefined;
    this._slot.show(sharer?.screen);
    if (sharer === undefined) return;
    this._share.dataset["rawId"] = sharer.rawId;
    this._screenName.replaceChildren(
      personText(sharer.name, { class: "cut" }),
      " shares the screen",
    );
  }

  private _drawMore(hidden: number): void {
    this._more.textContent = hidden > 0 ? `and ${hidden} more` : "";
    this._more.hidden = hidden <= 0;
  }

  private _keep(shown: readonly Person[]): void {
    for (const [person, tile] of this._byPerson) {
      if (shown.includes(person)) continue;
      tile.dispose();
      this._byPerson.delete(person);
    }
  }

  private _tileOf(person: Person): Tile {
    const known = this._byPerson.get(person);
    if (known !== undefined) return known;
    const made = new Tile({ rawId: person.rawId, self: false });
    this._byPerson.set(person, made);
    return made;
  }

  /** Put the tiles in order, moving none that is in its place: a moved video flickers. */
  private _place(shown: readonly Person[]): void {
    const wanted = [...shown.map((person) => this._tileOf(person).root), this._self.root];
    if (!this._more.hidden) wanted.push(this._more);
    else this._more.remove();
    wanted.forEach((root, place) => {
      if (this._tiles.children[place] !== root)
        this._tiles.insertBefore(root, this._tiles.children[place] ?? null);
    });
  }

  private _size(plan: Arrangement): void {
    const count = plan === "pair" ? 1 : this._tiles.childElementCount;
    const place = plan === "share" ? strip : arrange;
    const grid = place(count, this._space(this._tiles));
    this._tiles.style.setProperty("--tile-width", `${grid.tileWidth}px`);
    this._tiles.style.setProperty("--tile-height", `${grid.tileHeight}px`);
  }

  private _space(host: HTMLElement): Space {
    return { width: host.clientWidth, height: host.clientHeight, gap: GAP };
  }

  private _showScreen(on: boolean): void {
    this._share.dataset["video"] = on ? "on" : "off";
  }
}

function lookOf(person: Person): Look {
  const { participant } = person;
  return {
    name: person.givenName,
    muted: participant.isMuted,
    speaking: participant.isSpeaking,
    away: person.away,
    picture: person.camera,
  };
}

function weight(person: Person): number {
  return (person.participant.isSpeaking ? 2 : 0) + (person.camera === undefined ? 0 : 1);
}
