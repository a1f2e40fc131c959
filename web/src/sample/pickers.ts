/** Choosing camera, microphone and speaker: three labelled lists that follow the devices. */
import { type Cleanup, element } from "../shared/dom.js";
import type { Devices } from "./devices.js";
import { shownName } from "./names.js";

interface Choice {
  readonly id: string;
  readonly name: string;
}

interface Picker {
  readonly label: string;
  readonly testid: string;
  readonly none: string;
  choices(): readonly Choice[];
  chosen(): Choice | undefined;
  choose(id: string): void;
}

/** What a list does when its device is chosen. */
export interface PickerActions {
  camera(id: string): void;
  microphone(id: string): void;
  speaker(id: string): void;
}

/** The lists, kept up to date until the cleanup runs. */
export function devicePickers(
  devices: Devices,
  actions: PickerActions,
  cleanup: Cleanup,
): HTMLElement {
  const rows = pickers(devices, actions).map((picker) => new PickerRow(picker));
  const draw = (): void => {
    for (const row of rows) row.draw();
  };
  draw();
  cleanup.add(devices.onChange(draw));
  return element("div", { class: "pickers" }, ...rows.map((row) => row.root));
}

function pickers(devices: Devices, actions: PickerActions): Picker[] {
  return [
    {
      label: "Camera",
      testid: "camera-picker",
      none: "No camera",
      choices: () => devices.cameras,
      chosen: () => devices.camera,
      choose: actions.camera,
    },
    {
      label: "Microphone",
      testid: "microphone-picker",
      none: "No microphone",
      choices: () => devices.microphones,
      chosen: () => devices.microphone,
      choose: actions.microphone,
    },
    {
      label: "Speaker",
      testid: "speaker-picker",
      none: "The system's speaker",
      choices: () => devices.speakers,
      chosen: () => devices.speaker,
      choose: actions.speaker,
    },
  ];
}

class PickerRow {
  readonly root: HTMLElement;
  private readonly _select: HTMLSelectElement;

  constructor(private readonly _picker: Picker) {
    this._select = element("select", { "data-testid": _picker.testid });
    this._select.addEventListener("change", () => _picker.choose(this._select.value));
    this.root = element(
      "label",
      { class: "picker" },
      element("span", {}, _picker.label),
      this._select,
    );
  }

  draw(): void {
    const choices = this._picker.choices();
    const options = choices.map((choice) =>
      element(
        "option",
        { value: choice.id, dir: "auto" },
        shownName(choice.name, this._picker.label),
      ),
    );
    this._select.replaceChildren(
      ...(options.length > 0 ? options : [element("option", { value: "" }, this._picker.none)]),
    );
    this._select.disabled = choices.length === 0;
    this._select.value = this._picker.chosen()?.id ?? "";
  }
}
