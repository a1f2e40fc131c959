/** After the call, or in its place: why, in plain words, and the way on. */
import { textButton } from "./button.js";
import { element } from "./dom.js";
import { icon } from "./icons.js";
import type { EndCode, Reason } from "./reasons.js";
import type { View } from "./view.js";

/** What is told, and what may be done about it. */
export interface Ending {
  readonly reason: Reason;
  /** The numbers behind it; there are none when no call was ever tried. */
  readonly end?: EndCode;
  again?(): void;
}

/** The view with the reason. */
export class EndedView implements View {
  readonly root: HTMLElement;
  readonly focus: HTMLElement;

  constructor(ending: Ending) {
    const title = element("h1", { tabindex: "-1" }, ending.reason.title);
    this.focus = title;
    this.root = element(
      "section",
      {
        class: "card message",
        "data-testid": "end-reason",
        "data-code": String(ending.end?.code ?? ""),
        "data-sub-code": String(ending.end?.subCode ?? ""),
      },
      mark(ending.end),
      title,
      element("p", {}, ending.reason.text),
      ...actions(ending),
      ...numbers(ending.end),
    );
  }

  dispose(): void {
    // Nothing was begun.
  }
}

function mark(end: EndCode | undefined): HTMLElement {
  const calm = end?.code === 0;
  return element(
    "span",
    { class: calm ? "message-mark" : "message-mark is-problem" },
    icon(calm ? "leave" : "alert"),
  );
}

function actions(ending: Ending): HTMLElement[] {
  const { again } = ending;
  if (ending.reason.again === undefined || again === undefined) return [];
  return [textButton(ending.reason.again, () => again(), { testid: "join-again" })];
}

function numbers(end: EndCode | undefined): HTMLElement[] {
  if (end === undefined || (end.code === 0 && end.subCode === 0)) return [];
  return [
    element(
      "p",
      { class: "fine" },
      "Code ",
      element("span", { class: "digits" }, `${end.code}/${end.subCode}`),
    ),
  ];
}
