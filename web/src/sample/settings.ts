/** Changing devices during the call, in a dialog that Esc closes. */
import { textButton } from "../shared/button.js";
import { Cleanup, element } from "../shared/dom.js";
import type { Controls } from "./controls.js";
import type { Devices } from "./devices.js";
import { devicePickers } from "./pickers.js";
import { enableShortcuts, shortcutsEnabled } from "./shortcuts.js";

/** The dialog with the device lists. */
export class SettingsDialog {
  readonly root: HTMLDialogElement;
  private readonly _cleanup = new Cleanup();

  constructor(devices: Devices, controls: Controls) {
    const actions = {
      camera: (id: string): void => controls.switchCamera(id),
      microphone: (id: string): void => void devices.chooseMicrophone(id),
      speaker: (id: string): void => void devices.chooseSpeaker(id),
    };
    this.root = element(
      "dialog",
      {
        class: "card settings",
        "aria-labelledby": "settings-title",
        "data-testid": "settings-dialog",
      },
      element("h2", { id: "settings-title" }, "Devices"),
      devicePickers(devices, actions, this._cleanup),
      shortcutSwitch(),
      textButton("Done", () => this.root.close(), { quiet: true }),
    );
    this._cleanup.listen(this.root, "click", (event) => {
      // A click beside the dialog lands on the dialog's backdrop, which is the dialog itself.
      if (event.target === this.root) this.root.close();
    });
  }

  open(): void {
    if (!this.root.open) this.root.showModal();
  }

  dispose(): void {
    this.root.close();
    this._cleanup.run();
  }
}

function shortcutSwitch(): HTMLElement {
  const box = element("input", { type: "checkbox" });
  box.checked = shortcutsEnabled();
  box.addEventListener("change", () => enableShortcuts(box.checked));
  return element(
    "label",
    { class: "check" },
    box,
    element("span", {}, "Keys: M for the microphone, V for the camera"),
  );
}
