/** A call agent with a real WebSocket to a fake server, a fake engine, fake devices and time by hand. */

import type { Call, JoinCallOptions } from "../../src/api/call.js";
import { type AgentParts, CallAgentObject } from "../../src/call/call-agent.js";
import { DeviceManagerObject } from "../../src/devices/device-manager.js";
import type { Page } from "../../src/kernel/page.js";
import { FakeBrowser } from "./browser.js";
import { ManualClock, settled } from "./clock.js";
import { joined } from "./joined.js";
import { quiet } from "./log.js";
import { FakeEngine, type FakeRoom } from "./room.js";
import { FakeServer } from "./server.js";
import { FakeCredential } from "./token.js";

/** So long the server's word is waited for. */
const WORD_MS = 3_000;

/** A page that goes and comes when the test says so. */
export class FakePage implements Page {
  private readonly _listeners: Record<"leave" | "return" | "network", (() => void)[]> = {
    leave: [],
    return: [],
    network: [],
  };

  onLeave = (listener: () => void): (() => void) => this._add("leave", listener);
  onReturn = (listener: () => void): (() => void) => this._add("return", listener);
  onNetwork = (listener: () => void): (() => void) => this._add("network", listener);
  hasNetwork = true;
  isOnline = (): boolean => this.hasNetwork;

  happen(what: "leave" | "return" | "network"): void {
    for (const listener of this._listeners[what]) listener();
  }

  private _add(what: "leave" | "return" | "network", listener: () => void): () => void {
    this._listeners[what].push(listener);
    return () => {
      this._listeners[what] = this._listeners[what].filter((one) => one !== listener);
    };
  }
}

interface Around {
  readonly server: FakeServer;
  readonly browser: FakeBrowser;
  readonly devices: DeviceManagerObject;
  readonly clock: ManualClock;
  readonly engine: FakeEngine;
  readonly page: FakePage;
}

/** An agent and everything around it. */
export class Bench {
  readonly server: FakeServer;
  readonly browser: FakeBrowser;
  readonly devices: DeviceManagerObject;
  readonly clock: ManualClock;
  readonly engine: FakeEngine;
  readonly page: FakePage;

  private constructor(
    around: Around,
    readonly agent: CallAgentObject,
  ) {
    this.server = around.server;
    this.browser = around.browser;
    this.devices = around.devices;
    this.clock = around.clock;
    this.engine = around.engine;
    this.page = around.page;
  }

  static async start(): Promise<Bench> {
    const around = {
      server: await FakeServer.start(),
      browser: new FakeBrowser(),
      devices: await DeviceManagerObject.create(quiet),
      clock: new ManualClock(),
      engine: new FakeEngine(),
      page: new FakePage(),
    };
    const agent = new CallAgentObject(agentParts(around));
    await agent.open();
    return new Bench(around, agent);
  }

  async stop(): Promise<void> {
    await this.agent.dispose();
    await this.server.stop();
    this.browser.leave();
  }

  /** Join a room, unanswered. */
  join(options?: JoinCallOptions): Call {
    return this.agent.join({ roomId: "994" }, options);
  }

  /** Join a room and get as far as Connected. */
  async connect(options?: JoinCallOptions, answer = joined()): Promise<Call> {
    const number = this.engine.rooms.length + 1;
    const call = this.join(options);
    (await this.server.next("join")).answer(answer);
    await this.up(number);
    return call;
  }

  /** The engine accepts the room with this number. */
  async up(number: number): Promise<FakeRoom> {
    const room = await this.engine.room(number);
    room.accept();
    await settled();
    return room;
  }

  /** The last room. */
  get room(): FakeRoom {
    const room = this.engine.rooms.at(-1);
    if (room === undefined) throw new Error("There is no room yet.");
    return room;
  }

  /** Let time pass, on a line that stays alive, until media is given up and the server has not said why. */
  async passTillGivenUp(): Promise<void> {
    await this.passTillItsWordIsAwaited();
    await this.clock.pass(WORD_MS);
  }

  /** The same, but for the time in which the server may say why. */
  async passTillItsWordIsAwaited(): Promise<void> {
    while (!this.clock.isAsked(WORD_MS)) {
      await this.clock.passWhenAsked(15_000);
      await this.clock.cleared(5_000);
    }
  }

  /** Wait until something holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await settled();
  }
}

function agentParts({ server, devices, clock, engine, page }: Around): AgentParts {
  let ids = 0;
  return {
    credential: new FakeCredential([server.token()]),
    displayName: "Ada",
    proxy: undefined,
    devices,
    onDisposed: () => undefined,
    world: {
      open: server.open,
      makeRoom: engine.makeRoom,
      clock,
      chance: () => 0.5,
      newId: () => {
        ids += 1;
        return `id-${ids}`;
      },
      page,
      log: quiet,
    },
  };
}
