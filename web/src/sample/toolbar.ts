/** The tools of a call, as its state and the role allow them. */
import { type Call, Features } from "@openrooms/calling";
import { RoundButton } from "../shared/button.js";
import { element } from "../shared/dom.js";
import { type Permissions, permissionsOf } from "./roles.js";

const WATCH_ONLY = "Your role lets you watch and listen only";

/** What the tools do when pressed. */
export interface ToolbarActions {
  microphone(): void;
  camera(): void;
  share(): void;
  settings(): void;
  people(): void;
  leave(): void;
  refused(why: string): void;
}

/** The row of round buttons at the foot of the call. */
export class Toolbar {
  readonly root: HTMLElement;
  readonly people: RoundButton;
  private readonly _microphone: RoundButton;
  private readonly _camera: RoundButton;
  private readonly _share: RoundButton;

  constructor(
    private readonly _call: Call,
    actions: ToolbarActions,
  ) {
    this._microphone = new RoundButton("mute", actions.microphone, actions.refused);
    this._camera = new RoundButton("camera", actions.camera, actions.refused);
    this._share = new RoundButton("share", actions.share);
    this.people = new RoundButton("people", actions.people);
    const settings = new RoundButton("settings", actions.settings);
    settings.wear({ icon: "settings", label: "Devices" });
    const leave = new RoundButton("leave", actions.leave);
    leave.wear({ icon: "leave", label: "Leave" });
    leave.root.classList.add("is-danger");
    this.people.root.setAttribute("aria-controls", "people");
    this.root = element("div", { class: "toolbar", role: "toolbar", "aria-label": "Call" });
    const tools = [this._microphone, this._camera, this._share, settings, this.people, leave];
    this.root.append(...tools.map((tool) => tool.root));
  }

  /** Show the tools as things stand. */
  draw(count: number, peopleOpen: boolean): void {
    const may = permissionsOf(this._call.feature(Features.Capabilities).capabilities);
    this._drawMicrophone(may);
    this._drawCamera(may);
    this._drawShare(may);
    this.people.wear({ icon: "people", label: `People (${count})` });
    this.people.root.setAttribute("aria-expanded", String(peopleOpen));
  }

  private _drawMicrophone(may: Permissions): void {
    const muted = this._call.isMuted;
    this._microphone.wear({
      icon: muted ? "micOff" : "mic",
      label: muted ? "Unmute" : "Mute",
      key: "M",
    });
    this._microphone.markOff(muted);
    this._microphone.lock(may.speak ? undefined : WATCH_ONLY);
    this._microphone.root.dataset["muted"] = String(muted);
  }

  private _drawCamera(may: Permissions): void {
    const on = this._call.isLocalVideoStarted;
    this._camera.wear({
      icon: on ? "camera" : "cameraOff",
      label: on ? "Camera off" : "Camera on",
      key: "V",
    });
    this._camera.markOff(!on);
    this._camera.lock(may.show ? undefined : WATCH_ONLY);
    this._camera.root.dataset["video"] = on ? "on" : "off";
  }

  private _drawShare(may: Permissions): void {
    const on = this._call.isScreenSharingOn;
    // Phones cannot share their screen from a browser.
    const possible = may.share && "getDisplayMedia" in navigator.mediaDevices;
    this._share.root.hidden = !possible;
    this._share.wear({
      icon: on ? "screenStop" : "screen",
      label: on ? "Stop sharing" : "Share screen",
    });
    this._share.root.classList.toggle("is-on", on);
    this._share.root.dataset["sharing"] = String(on);
  }
}
