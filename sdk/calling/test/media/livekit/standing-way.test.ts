// @vitest-environment happy-dom
/** When signalling is made anew, media that goes on is left alone, and media that does not is restarted. */
import { EngineEvent, Room } from "livekit-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { adoptLiveKitLog } from "../../../src/media/livekit/log.js";
import { keepWayThatStands } from "../../../src/media/livekit/standing-way.js";
import { quiet } from "../../fakes/log.js";

type Manager = NonNullable<Room["engine"]["pcManager"]>;

/** What the client has for media, as far as it is asked here. */
class FakeManager {
  readonly done: string[] = [];
  connection = "connected";
  signalling = "stable";
  /** What comes from one look to the next. */
  comes = 1_000;
  private _bytes = 0;

  readonly publisher = {
    getConnectionState: () => this.connection,
    getSignallingState: () => this.signalling,
    getStats: async () => {
      this._bytes += this.comes;
      return new Map([
        ["way", { type: "candidate-pair", bytesReceived: this._bytes }],
        ["old way", { type: "candidate-pair" }],
        ["certificate", { type: "certificate", bytesReceived: this._bytes * 7 }],
      ]);
    },
  };

  async triggerIceRestart(): Promise<void> {
    this.done.push("restart");
  }

  async createAndSendPublisherOffer(): Promise<void> {
    this.done.push("offer");
  }
}

let engine: Room["engine"];
let manager: FakeManager;

beforeEach(() => {
  vi.stubGlobal("navigator", { userAgent: "Firefox/140.0", mediaDevices: new EventTarget() });
  vi.useFakeTimers();
  adoptLiveKitLog(quiet);
  ({ engine } = new Room());
  manager = new FakeManager();
  engine.pcManager = manager as unknown as Manager;
  keepWayThatStands(engine);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The signalling is back, and the client does what it does then. */
async function resume(): Promise<string[]> {
  engine.emit(EngineEvent.SignalResumed);
  const done = engine.pcManager?.triggerIceRestart();
  await vi.runAllTimersAsync();
  await done;
  return manager.done;
}

test("what comes by a way that stands goes on coming by it", async () => {
  expect(await resume()).toEqual(["offer"]);
  expect(await resume()).toEqual(["offer", "offer"]);
});

test("a way by which nothing comes any more is looked for anew", async () => {
  manager.comes = 0;

  expect(await resume()).toEqual(["restart"]);
});

test("so is one that is known to be lost", async () => {
  manager.connection = "disconnected";

  expect(await resume()).toEqual(["restart"]);
});

test("an offer whose answer was lost is got rid of", async () => {
  manager.signalling = "have-local-offer";

  expect(await resume()).toEqual(["restart"]);
});
