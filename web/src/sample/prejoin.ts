/** Before the call: look at yourself, choose devices, and come in when you are ready. */
import type { LocalVideoStream } from "@openrooms/calling";
import { RoundButton } from "../shared/button.js";
import { Cleanup, element, personText } from "../shared/dom.js";
import { tellTrouble, tellWithout } from "../shared/troubles.js";
import type { View } from "../shared/view.js";
import type { Devices } from "./devices.js";
import type { Choices } from "./memory.js";
import { initials, shownName } from "./names.js";
import { devicePickers } from "./pickers.js";
import { CameraPreview } from "./preview.js";
import { onShortcuts } from "./shortcuts.js";

const ASKING_TOLD_AFTER = 700;
/** How long Join waits for an answer about the devices, so that nobody comes in without his camera. */
const ANSWER_AWAITED = 4_000;

/** What somebody brings along when joining. */
export interface Arrival {
  readonly name: string;
  readonly choices: Choices;
  readonly stream: LocalVideoStream | undefined;
}

/** What the view starts from, and whom it tells. */
export interface Prejoin {
  readonly roomId: string;
  readonly name: string;
  readonly choices: Choices;
  readonly devices: Devices;
  join(arrival: Arrival): void;
}

/** The view before the call. */
export class PrejoinView implements View {
  readonly root: HTMLElement;
  readonly focus?: HTMLElement;
  private readonly _cleanup = new Cleanup();
  private readonly _preview: CameraPreview;
  private readonly _stage = element("div", { class: "preview", "data-testid": "preview" });
  private readonly _picture = element("div", { class: "preview-picture" });
  private readonly _microphone = new RoundButton("mute", () => this._toggleMicrophone());
  private readonly _camera = new RoundButton("camera", () => this._toggleCamera());
  private readonly _notices = element("div", { class: "notices", role: "status" });
  private readonly _nameField: HTMLInputElement | undefined;
  private readonly _join: HTMLButtonElement;
  private _microphoneOn: boolean;
  private _cameraOn: boolean;
  private _asking = false;
  private _answered: Promise<void>;
  private _told = "";

  constructor(private readonly _given: Prejoin) {
    this._microphoneOn = _given.choices.microphone;
    this._cameraOn = _given.choices.camera;
    this._preview = new CameraPreview(this._picture, () => this._draw());
    this._nameField = _given.name === "" ? nameField() : undefined;
    this._join = element(
      "button",
      { type: "submit", class: "button", "data-testid": "join" },
      "Join",
    );
    if (this._nameField !== undefined) this.focus = this._nameField;
    this.root = this._build();
    this._cleanup.add(_given.devices.onChange(() => this._refresh()));
    this._cleanup.add(
      onShortcuts({ m: () => this._toggleMicrophone(), v: () => this._toggleCamera() }),
    );
    this._draw();
    this._answered = this._ask();
  }

  dispose(): void {
    this._cleanup.run();
    this._preview.dispose();
  }

  private _build(): HTMLElement {
    this._stage.append(
      element(
        "div",
        { class: "avatar avatar-large tint-0", "aria-hidden": "true" },
        initials(this._given.name),
      ),
      this._picture,
      element("div", { class: "preview-tools" }, this._microphone.root, this._camera.root),
    );
    return element(
      "div",
      { class: "prejoin", "data-testid": "prejoin" },
      element("div", { class: "prejoin-look" }, this._stage, this._notices),
      this._form(),
    );
  }

  private _form(): HTMLElement {
    const form = element("form", { class: "card prejoin-form" }, ...this._intro());
    const pickers = devicePickers(this._given.devices, this._pickerActions(), this._cleanup);
    const promise = element(
      "p",
      { class: "fine" },
      "Only people on the list of this room can come in.",
    );
    form.append(pickers, promise, element("div", { class: "join-bar" }, this._join));
    this._cleanup.listen(form, "submit", (event) => {
      event.preventDefault();
      void this._waitAndLeave();
    });
    return form;
  }

  private _intro(): HTMLElement[] {
    const room = element(
      "p",
      { class: "fine" },
      "Room ",
      element("span", { class: "digits" }, this._given.roomId),
    );
    const title = element("h1", {}, "Ready to join?");
    if (this._nameField !== undefined) {
      const label = element(
        "label",
        { class: "picker" },
        element("span", {}, "Your name"),
        this._nameField,
      );
      return [title, room, label];
    }
    const name = personText(shownName(this._given.name), {
      class: "cut strong",
      "data-testid": "own-name",
    });
    return [title, room, element("p", { class: "as-whom" }, "You join as ", name)];
  }

  private _pickerActions() {
    const { devices } = this._given;
    return {
      camera: (id: string): void => devices.chooseCamera(id),
      microphone: (id: string): void => void devices.chooseMicrophone(id),
      speaker: (id: string): void => void devices.chooseSpeaker(id),
    };
  }

  private async _ask(): Promise<void> {
    // Told only when the browser really asks; where it knows the answer, it is at once.
    const waiting = setTimeout(() => {
      this._asking = true;
      this._drawNotices();
    }, ASKING_TOLD_AFTER);
    await this._given.devices.ask(this._given.choices);
    clearTimeout(waiting);
    this._asking = false;
    this._refresh();
  }

  private _refresh(): void {
    const { devices } = this._given;
    const usable = this._cameraOn && devices.cameraTrouble === undefined;
    this._preview.show(usable ? devices.camera : undefined);
    this._draw();
  }

  private _draw(): void {
    const microphone = this._microphoneOn && !this._without("microphone");
    const camera = this._cameraOn && !this._without("camera");
    this._microphone.wear(
      microphone
        ? { icon: "mic", label: "Mute", key: "M" }
        : { icon: "micOff", label: "Unmute", key: "M" },
    );
    this._microphone.markOff(!microphone);
    this._microphone.root.dataset["muted"] = String(!microphone);
    this._camera.wear(
      camera
        ? { icon: "camera", label: "Camera off", key: "V" }
        : { icon: "cameraOff", label: "Camera on", key: "V" },
    );
    this._camera.markOff(!camera);
    this._camera.root.dataset["video"] = camera ? "on" : "off";
    this._stage.dataset["video"] = this._preview.visible ? "on" : "off";
    this._drawNotices();
  }

  private _drawNotices(): void {
    const told: string[] = [];
    const { cameraTrouble, microphoneTrouble } = this._given.devices;
    const camera = cameraTrouble ?? (this._cameraOn ? this._preview.trouble : undefined);
    if (this._asking)
      told.push("Your browser asks whether this page may use your camera and microphone.");
    if (camera !== undefined)
      told.push(`${tellTrouble("camera", camera)} ${tellWithout("camera")}`);
    if (microphoneTrouble !== undefined)
      told.push(`${tellTrouble("microphone", microphoneTrouble)} ${tellWithout("microphone")}`);
    // Screen readers read out what is put here: only what is new.
    if (told.join() === this._told) return;
    this._told = told.join();
    this._notices.replaceChildren(...told.map((text) => element("p", { class: "notice" }, text)));
  }

  private _without(device: "camera" | "microphone"): boolean {
    const { devices } = this._given;
    const trouble = device === "camera" ? devices.cameraTrouble : devices.microphoneTrouble;
    return trouble !== undefined || (device === "camera" && this._preview.trouble !== undefined);
  }

  private _toggleMicrophone(): void {
    // Pressing again after a refusal asks the browser once more.
    if (this._without("microphone")) {
      this._microphoneOn = true;
      this._answered = this._ask();
      return;
    }
    this._microphoneOn = !this._microphoneOn;
    this._draw();
  }

  private _toggleCamera(): void {
    if (this._without("camera")) {
      this._cameraOn = true;
      this._preview.forget();
      this._answered = this._ask();
      return;
    }
    this._cameraOn = !this._cameraOn;
    this._refresh();
  }

  private async _waitAndLeave(): Promise<void> {
    if (this._join.disabled) return;
    this._join.disabled = true;
    await Promise.race([this._answered, timePassed(ANSWER_AWAITED)]);
    this._leaveForCall();
  }

  private _leaveForCall(): void {
    const typed = this._nameField?.value.trim() ?? "";
    const choices: Choices = {
      ...this._given.choices,
      microphone: this._microphoneOn && !this._without("microphone"),
      camera: this._cameraOn && !this._without("camera"),
    };
    this._given.join({
      name: this._given.name === "" ? typed : this._given.name,
      choices,
      stream: choices.camera ? this._preview.take() : undefined,
    });
  }
}

function timePassed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function nameField(): HTMLInputElement {
  const field = element("input", {
    type: "text",
    name: "name",
    autocomplete: "name",
    maxlength: "256",
  });
  field.dataset["testid"] = "name";
  field.dir = "auto";
  return field;
}
