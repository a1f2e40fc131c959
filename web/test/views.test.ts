/** Small views: what they show, and that people's words stay words. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Announcer } from "../src/sample/announcer.js";
import { PeoplePanel } from "../src/sample/people.js";
import { enableShortcuts, onShortcuts } from "../src/sample/shortcuts.js";
import { personText } from "../src/shared/dom.js";
import { EndedView } from "../src/shared/ended.js";
import { reasonFor } from "../src/shared/reasons.js";

const MARKUP = "<img src=x onerror=alert(1)>";

beforeEach(() => {
  document.body.replaceChildren();
  enableShortcuts(true);
});

test("a name with markup is text, set apart from its surroundings", () => {
  const name = personText(MARKUP);

  expect(name.childElementCount).toBe(0);
  expect(name.textContent).toBe(MARKUP);
  expect(name.localName).toBe("bdi");
  expect(name.dir).toBe("auto");
});

describe("the end", () => {
  test("carries its numbers for tests and for support", () => {
    const end = { code: 403, subCode: 5828 };

    const { root } = new EndedView({ reason: reasonFor(end), end });

    expect(root.dataset).toMatchObject({ testid: "end-reason", code: "403", subCode: "5828" });
    expect(root.textContent).toContain("You are not invited to this room");
    expect(root.textContent).toContain("403/5828");
  });

  test("of one's own making shows no numbers", () => {
    const end = { code: 0, subCode: 0 };

    expect(new EndedView({ reason: reasonFor(end), end }).root.textContent).not.toContain("0/0");
  });

  test("leads back where that makes sense", () => {
    const again = vi.fn();
    const { root } = new EndedView({ reason: reasonFor({ code: 496, subCode: 7 }), again });

    root.querySelector("button")?.click();

    expect(again).toHaveBeenCalledOnce();
  });

  test("leads nowhere where it does not", () => {
    const { root } = new EndedView({
      reason: reasonFor({ code: 401, subCode: 10009 }),
      again: vi.fn(),
    });

    expect(root.querySelector("button")).toBeNull();
  });
});

describe("news", () => {
  test("are kept to the last three and go by themselves", () => {
    vi.useFakeTimers();
    const announcer = new Announcer();

    for (const name of ["Ada", "Bo", "Cy", "Di"]) announcer.tell(`${name} joined.`);
    const shown = [...announcer.root.querySelectorAll(".news-item")].map(
      (item) => item.textContent,
    );
    vi.runAllTimers();

    expect(shown).toEqual(["Bo joined.", "Cy joined.", "Di joined."]);
    expect(announcer.root.querySelectorAll(".news-item")).toHaveLength(0);
    vi.useRealTimers();
  });

  test("of a call are gone when it is over", () => {
    const announcer = new Announcer();
    announcer.tell("Ada joined.");
    announcer.whisper("Ada muted.");
    announcer.warn("Your camera is off.");

    announcer.clear();

    expect(announcer.root.textContent).toBe("");
  });

  test("that warn leave only the newest", () => {
    const announcer = new Announcer();

    announcer.warn("You are a viewer now.");
    announcer.warn("You are an attendee now.");

    expect(announcer.root.textContent).toBe("You are an attendee now.");
  });

  test("that warn are read out at once", () => {
    const announcer = new Announcer();

    announcer.warn("Your camera is off.");

    expect(announcer.root.querySelector('[role="alert"]')?.textContent).toBe("Your camera is off.");
  });
});

describe("the list of people", () => {
  const line = { rawId: "8:acs:r_u", name: MARKUP, role: "Consumer", muted: true, self: false };

  test("tells name, role and who is muted", () => {
    const panel = new PeoplePanel(vi.fn());

    panel.open(true);
    panel.draw([line]);

    const row = panel.root.querySelector("li");
    expect(row?.textContent).toBe(`${MARKUP}Viewer, muted`);
    expect(row?.querySelector("img")).toBeNull();
    expect(panel.root.querySelector("h2")?.textContent).toBe("In the call (1)");
  });

  test("closes with Esc", () => {
    const closed = vi.fn();
    const panel = new PeoplePanel(closed);

    panel.root.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));

    expect(closed).toHaveBeenCalledOnce();
  });
});

describe("single keys", () => {
  const press = (target: EventTarget, init: KeyboardEventInit): boolean =>
    target.dispatchEvent(
      new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }),
    );

  test("act, in either case, until they are taken back", () => {
    const m = vi.fn();
    const stop = onShortcuts({ m });

    press(document.body, { key: "m" });
    press(document.body, { key: "M" });
    stop();
    press(document.body, { key: "m" });

    expect(m).toHaveBeenCalledTimes(2);
  });

  test("do nothing with a modifier, when held down, when typing or when switched off", () => {
    const v = vi.fn();
    const stop = onShortcuts({ v });
    const field = document.body.appendChild(document.createElement("input"));

    press(document.body, { key: "v", ctrlKey: true });
    press(document.body, { key: "v", repeat: true });
    press(field, { key: "v" });
    enableShortcuts(false);
    press(document.body, { key: "v" });
    stop();

    expect(v).not.toHaveBeenCalled();
  });
});
