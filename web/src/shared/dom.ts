/** Making elements without markup: text stays text, and no style is ever written inline. */

export type Child = Node | string;
export type Attributes = Readonly<Record<string, string | undefined>>;

/** An element with attributes and children; an attribute that is undefined is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** Set attributes; undefined takes one away. */
export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) target.removeAttribute(name);
    else target.setAttribute(name, value);
  }
}

/** A person's words (a name, a device label): isolated, so that they cannot turn their surroundings. */
export function personText(text: string, attributes: Attributes = {}): HTMLElement {
  return element("bdi", { dir: "auto", ...attributes }, text);
}

/** Remember what must be undone when a view goes away. */
export class Cleanup {
  private readonly _undo: (() => void)[] = [];

  /** Listen to a DOM event until the view goes away. */
  listen(target: EventTarget, name: string, listener: (event: Event) => void): void {
    target.addEventListener(name, listener);
    this.add(() => target.removeEventListener(name, listener));
  }

  /** Remember one more thing to undo. */
  add(undo: () => void): void {
    this._undo.push(undo);
  }

  /** Undo everything, last first. */
  run(): void {
    for (const undo of this._undo.splice(0).reverse()) undo();
  }
}
