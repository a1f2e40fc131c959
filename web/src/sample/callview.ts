/** The call itself: stage, tools and people, kept in step with the SDK's events. */
import { type Call, type CallEnding, Features } from "@openrooms/calling";
import { Cleanup, element } from "../shared/dom.js";
import type { View } from "../shared/view.js";
import type { Announcer } from "./announcer.js";
import { keepAwake } from "./awake.js";
import type { ConnectionWatch } from "./connection.js";
import { Controls } from "./controls.js";
import type { Devices } from "./devices.js";
import type { Choices } from "./memory.js";
import { spokenName } from "./names.js";
import { type Line, lineOf, PeoplePanel } from "./people.js";
import { roleChange, roleName } from "./roles.js";
import { type Person, Roster } from "./roster.js";
import { SettingsDialog } from "./settings.js";
import type { Phase } from "./shell.js";
import { onShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { Tile } from "./tile.js";
import { Toolbar } from "./toolbar.js";

// In larger calls the tiles tell who is muted; reading out each change would drown the talk.
const SMALL_CALL = 8;
const LOSS_TOLD_AFTER = 800;

/** What the view shows, and whom it tells. */
export interface Running {
  readonly call: Call;
  readonly devices: Devices;
  readonly announcer: Announcer;
  readonly rawId: string;
  readonly name: string;
  readonly watchConnection: ConnectionWatch;
  tell(phase: Phase): void;
  chosen(choices: Pick<Choices, "microphone" | "camera">): void;
  leave(): void;
}

/** The view during the call. */
export class CallView implements View {
  readonly root: HTMLElement;
  readonly aside: HTMLElement;
  readonly focus = element("h1", { class: "sr-only", tabindex: "-1" }, "In the call");
  private readonly _cleanup = new Cleanup();
  private readonly _controls: Controls;
  private readonly _self: Tile;
  private readonly _stage: Stage;
  private readonly _roster: Roster;
  private readonly _toolbar: Toolbar;
  private readonly _people = new PeoplePanel(() => this._openPeople(false));
  private readonly _settings: SettingsDialog;
  private readonly _banner = element("p", {
    class: "banner",
    role: "alert",
    "data-testid": "banner",
  });
  private readonly _sharing = element(
    "p",
    { class: "banner banner-calm" },
    "You are sharing your screen.",
  );
  // It stays for as long as it holds: who looks away for a moment is not surprised by the end.
  private readonly _ending = element("p", {
    class: "banner banner-calm",
    role: "alert",
    "data-testid": "ending",
  });
  private readonly _role = element("span", { class: "chip", "data-testid": "role" });
  private readonly _count = element("span", { class: "chip", "data-testid": "count" });
  private _roleKnown: string;
  private _settled = false;
  private _lossTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly _given: Running) {
    const { call, devices } = _given;
    this._roleKnown = call.role;
    this._controls = new Controls(call, devices, _given);
    this._self = new Tile({ rawId: _given.rawId, self: true });
    this._stage = new Stage(this._self);
    this._roster = new Roster(call, {
      joined: (person) => this._joined(person),
      left: (person) => this._left(person),
      changed: (person, what) => this._changed(person, what),
    });
    this._settings = new SettingsDialog(devices, this._controls);
    this._toolbar = new Toolbar(call, this._actions());
    this.aside = element("div", { class: "chips" }, this._role, this._count);
    this.root = this._build();
    this._stage.follow(this._roster);
    this._listen();
    this._draw();
    this._settle();
  }

  dispose(): void {
    this._cleanup.run();
    this._settings.dispose();
    this._roster.dispose();
    this._stage.dispose();
    this._self.dispose();
  }

  private _build(): HTMLElement {
    this._banner.hidden = true;
    this._sharing.hidden = true;
    this._ending.hidden = true;
    return element(
      "div",
      { class: "call", "data-testid": "call" },
      this.focus,
      element("div", { class: "banners" }, this._banner, this._ending, this._sharing),
      element("div", { class: "call-middle" }, this._stage.root, this._people.root),
      this._toolbar.root,
      this._settings.root,
    );
  }

  private _actions() {
    return {
      microphone: () => this._controls.toggleMicrophone(),
      camera: () => this._controls.toggleCamera(),
      share: () => this._controls.toggleShare(),
      settings: () => this._settings.open(),
      people: () => this._openPeople(!this._people.isOpen),
      leave: () => this._given.leave(),
      refused: (why: string) => this._given.announcer.warn(`${why}.`),
    };
  }

  private _listen(): void {
    const { call } = this._given;
    const draw = (): void => this._draw();
    for (const name of [
      "isMutedChanged",
      "localVideoStreamsUpdated",
      "isScreenSharingOnChanged",
    ] as const) {
      call.on(name, draw);
      this._cleanup.add(() => call.off(name, draw));
    }
    const role = (): void => this._roleChanged();
    call.on("roleChanged", role);
    this._cleanup.add(() => call.off("roleChanged", role));
    const ending = (end: CallEnding | undefined): void => this._showEnding(end);
    call.on("ending", ending);
    this._cleanup.add(() => call.off("ending", ending));
    const capabilities = call.feature(Features.Capabilities);
    capabilities.on("capabilitiesChanged", draw);
    this._cleanup.add(() => capabilities.off("capabilitiesChanged", draw));
    this._cleanup.add(this._given.watchConnection((holds) => this._connection(holds)));
    const { microphone, camera } = this._actions();
    this._cleanup.add(onShortcuts({ m: microphone, v: camera }));
    this._cleanup.add(keepAwake());
    this._cleanup.add(() => clearTimeout(this._lossTimer));
  }

  private _draw(): void {
    const { call, rawId, name } = this._given;
    const lines = [this._ownLine(), ...this._roster.people.map(lineOf)];
    this._self.draw({
      name,
      muted: call.isMuted,
      speaking: false,
      away: false,
      picture: this._controls.camera,
    });
    this._self.root.dataset["rawId"] = rawId;
    this._sharing.hidden = !call.isScreenSharingOn;
    this._role.textContent = roleName(call.role);
    this._role.dataset["role"] = call.role;
    this._count.textContent = lines.length === 1 ? "1 person" : `${lines.length} people`;
    this._people.draw(lines);
    this._toolbar.draw(lines.length, this._people.isOpen);
    this._stage.update();
  }

  /** Those who are here already do not join; the SDK names them before this moment is over. */
  private _settle(): void {
    const timer = setTimeout(() => {
      this._settled = true;
      const others = this._roster.people.length;
      this._given.announcer.whisper(
        `${others === 1 ? "1 other person is" : `${others} others are`} in the call.`,
      );
    });
    this._cleanup.add(() => clearTimeout(timer));
  }

  private _ownLine(): Line {
    const { call, rawId, name } = this._given;
    return { rawId, name, role: call.role, muted: call.isMuted, self: true };
  }

  private _openPeople(on: boolean): void {
    const { activeElement } = document;
    this._people.open(on);
    this._draw();
    if (!on && activeElement !== null && this._people.root.contains(activeElement))
      this._toolbar.people.root.focus();
  }

  private _joined(person: Person): void {
    if (this._settled) this._given.announcer.tell(`${spokenName(person.givenName)} joined.`);
    this._draw();
  }

  private _left(person: Person): void {
    this._given.announcer.tell(`${spokenName(person.givenName)} left.`);
    this._draw();
  }

  private _changed(person: Person, what: "muted" | "look"): void {
    if (what === "muted" && this._roster.people.length < SMALL_CALL) {
      const now = person.participant.isMuted ? "muted" : "can be heard again";
      this._given.announcer.whisper(`${spokenName(person.givenName)} ${now}.`);
    }
    this._draw();
  }

  private _roleChanged(): void {
    const { call, announcer } = this._given;
    const before = this._roleKnown;
    this._roleKnown = call.role;
    // The first role is news only to those who may do less than others.
    const first = before === "Unknown";
    if (before !== call.role && (!first || call.role === "Consumer"))
      announcer.warn(roleChange(call.role));
    this._draw();
  }

  /** A loss is told when it lasts; most are over before anybody could read about them. */
  private _connection(holds: boolean): void {
    clearTimeout(this._lossTimer);
    if (holds) this._showLoss({ lost: false });
    else this._lossTimer = setTimeout(() => this._showLoss({ lost: true }), LOSS_TOLD_AFTER);
  }

  private _showEnding(end: CallEnding | undefined): void {
    const withdrawn = end === undefined && !this._ending.hidden;
    this._ending.hidden = end === undefined;
    this._ending.textContent = end === undefined ? "" : endOf(end);
    if (withdrawn) this._given.announcer.warn("This call does not end with its room after all.");
  }

  private _showLoss({ lost }: { readonly lost: boolean }): void {
    this._banner.hidden = !lost;
    this._banner.textContent = lost ? "Connection lost. Coming back…" : "";
    this._given.tell(lost ? "reconnecting" : "connected");
  }
}

function endOf(end: CallEnding): string {
  const at = end.at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `This call ends at ${at}.`;
}
