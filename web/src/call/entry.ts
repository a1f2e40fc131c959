/** The step before everything when the link has no name: what shall the others call you? */
import { element } from "../shared/dom.js";
import type { View } from "../shared/view.js";

/** Asks for a name; nobody goes on without one. */
export class EntryView implements View {
  readonly root: HTMLElement;
  readonly focus: HTMLElement;

  constructor(enter: (name: string) => void) {
    const field = nameField();
    this.focus = field;
    const form = element(
      "form",
      { class: "card message entry", "data-testid": "entry" },
      element("h1", {}, "What is your name?"),
      element("p", {}, "The others in the call will see it."),
      element("label", { class: "entry-label" }, element("span", {}, "Your name"), field),
      element("button", { type: "submit", class: "button", "data-testid": "enter" }, "Continue"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = field.value.trim();
      if (name === "") field.focus();
      else enter(name);
    });
    this.root = form;
  }

  dispose(): void {
    // Nothing was begun.
  }
}

function nameField(): HTMLInputElement {
  const field = element("input", {
    type: "text",
    class: "entry-field",
    name: "name",
    autocomplete: "name",
    maxlength: "256",
    required: "",
    "data-testid": "name",
  });
  field.dir = "auto";
  return field;
}
