/** Whether calls are at work in another tab. */
import { describe, expect, test } from "vitest";
import { DebugInfoObject } from "../../src/features/debug-info.js";
import { OtherTabs, type TabNeeds } from "../../src/features/other-tabs.js";
import { settled } from "../fakes/clock.js";

/** A browser's channel and locks, for several tabs in one process. */
class Browser {
  private _channels: Channel[] = [];
  private readonly _held = new Map<string, Promise<unknown>>();

  readonly needs: TabNeeds = {
    open: () => {
      const channel: Channel = {
        close: () => {
          this._channels = this._channels.filter((one) => one !== channel);
        },
        postMessage: (data) => {
          const others = this._channels.filter((one) => one !== channel);
          for (const one of others) queueMicrotask(() => one.onmessage?.({ data }));
        },
      };
      this._channels.push(channel);
      // The fake has what the SDK uses of a channel.
      return channel as unknown as BroadcastChannel;
    },
    locks: { request: ((...given: LockRequest) => this._lock(...given)) as LockManager["request"] },
  };

  say(data: unknown): void {
    for (const one of this._channels) one.onmessage?.({ data });
  }

  private async _lock(...[name, { signal }, then]: LockRequest): Promise<unknown> {
    const turn = (this._held.get(name) ?? Promise.resolve()).then(() =>
      signal.aborted ? undefined : then(),
    );
    this._held.set(name, turn);
    return turn;
  }
}

interface Channel {
  onmessage?: (event: { data: unknown }) => void;
  close(): void;
  postMessage(data: unknown): void;
}

type LockRequest = [name: string, options: { signal: AbortSignal }, then: () => unknown];

interface Tab {
  readonly tabs: OtherTabs;
  readonly told: boolean[];
}

function open(browser: Browser, name: string): Tab {
  const told: boolean[] = [];
  return { tabs: new OtherTabs(browser.needs, (isAnother) => told.push(isAnother), name), told };
}

describe("another tab", () => {
  test("is known as soon as calls are at work there, and no more when they are not", async () => {
    const browser = new Browser();
    const one = open(browser, "one");
    const other = open(browser, "other");

    const release = other.tabs.activate();
    await settled();
    expect(one.told).toEqual([true]);
    release();
    await settled();

    expect([one.told, other.told]).toEqual([[true, false], []]);
  });

  test("is known to a tab that is opened later", async () => {
    const browser = new Browser();
    open(browser, "one").tabs.activate();
    await settled();

    const { told } = open(browser, "later");
    await settled();

    expect(told).toEqual([true]);
  });

  test("is there as long as one of several is", async () => {
    const browser = new Browser();
    const { told } = open(browser, "me");
    const releases = ["a", "b"].map((name) => open(browser, name).tabs.activate());
    await settled();

    releases[0]?.();
    await settled();
    expect(told).toEqual([true]);
    releases[1]?.();
    await settled();

    expect(told).toEqual([true, false]);
  });

  test("is none that only looks, nor another client of the same page", async () => {
    const browser = new Browser();
    const { told } = open(browser, "me");
    open(browser, "looks");
    open(browser, "me").tabs.activate();

    await settled();

    expect(told).toEqual([]);
  });

  test("is not made up of what other scripts say on the channel", async () => {
    const browser = new Browser();
    const { told } = open(browser, "me");

    for (const word of [null, "here", { here: 7 }, { who: false }, []]) browser.say(word);

    expect(told).toEqual([]);
  });

  test("is heard of no more after the end", async () => {
    const browser = new Browser();
    const { tabs, told } = open(browser, "me");
    tabs.close();

    open(browser, "other").tabs.activate();
    await settled();

    expect(told).toEqual([]);
  });
});

describe("the debug feature", () => {
  test("has it as a property of its own, told when it changes", async () => {
    const browser = new Browser();
    const feature = new DebugInfoObject(browser.needs);
    const told: boolean[] = [];
    feature.on("isCallClientActiveInAnotherTabChanged", () =>
      told.push(feature.isCallClientActiveInAnotherTab),
    );
    const release = open(browser, "other").tabs.activate();
    await settled();

    expect({ ...feature }.isCallClientActiveInAnotherTab).toBe(true);
    release();
    await settled();

    expect(told).toEqual([true, false]);
    feature.dispose();
  });

  test("knows of no other tab where the browser has no means to tell", () => {
    const feature = new DebugInfoObject(undefined);

    feature.activate()();
    feature.dispose();

    expect(feature.isCallClientActiveInAnotherTab).toBe(false);
  });
});
