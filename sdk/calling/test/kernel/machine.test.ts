// @vitest-environment happy-dom
/** What the SDK takes from the machine: time, ids, and what happens to the page. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { nap, systemClock } from "../../src/kernel/clock.js";
import { newGuid } from "../../src/kernel/ids.js";
import { browserPage } from "../../src/kernel/page.js";
import { ManualClock } from "../fakes/clock.js";

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("ids", () => {
  test("are GUIDs, each another one", () => {
    expect(newGuid()).toMatch(GUID);
    expect(newGuid()).not.toBe(newGuid());
  });

  test("are GUIDs on pages that were not loaded safely, too", () => {
    const { crypto } = globalThis;
    vi.stubGlobal("crypto", {
      getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes),
    });

    expect(newGuid()).toMatch(GUID);
  });
});

describe("time", () => {
  test("passes, and timers can be taken back", () => {
    vi.useFakeTimers();
    let calls = 0;
    const count = (): void => {
      calls += 1;
    };
    const before = systemClock.now();
    systemClock.after(100, count);
    systemClock.after(100, count)();

    vi.advanceTimersByTime(100);

    expect(calls).toBe(1);
    expect(systemClock.now()).toBeGreaterThan(before);
  });

  test("a nap ends when it is over or woken", async () => {
    const clock = new ManualClock();
    const long = nap(clock, 1_000);
    const woken = nap(clock, 1_000_000);

    woken.wake();
    clock.advance(1_000);

    await Promise.all([long.over, woken.over]);
  });
});

describe("the page", () => {
  test("tells when it goes, until nobody listens any more", () => {
    let gone = 0;
    const forget = browserPage.onLeave(() => {
      gone += 1;
    });

    window.dispatchEvent(new Event("pagehide"));
    forget();
    window.dispatchEvent(new Event("pagehide"));

    expect(gone).toBe(1);
  });

  test("tells when the network changes, either way", () => {
    let changes = 0;
    const forget = browserPage.onNetwork(() => {
      changes += 1;
    });

    window.dispatchEvent(new Event("online"));
    window.dispatchEvent(new Event("offline"));
    forget();
    window.dispatchEvent(new Event("online"));

    expect(changes).toBe(2);
  });

  test("is back only when it was kept: a first load is no return", () => {
    class Transition extends Event {
      constructor(readonly persisted: boolean) {
        super("pageshow");
      }
    }
    vi.stubGlobal("PageTransitionEvent", Transition);
    let returns = 0;
    const forget = browserPage.onReturn(() => {
      returns += 1;
    });

    window.dispatchEvent(new Transition(false));
    window.dispatchEvent(new Transition(true));
    forget();

    expect(returns).toBe(1);
  });

  test("believes the browser about its network", () => {
    vi.stubGlobal("navigator", { onLine: false });

    expect(browserPage.isOnline()).toBe(false);
  });
});
