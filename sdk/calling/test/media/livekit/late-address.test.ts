// @vitest-environment happy-dom
/** The client begins without an address, and goes where it is told. */
import { Room } from "livekit-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectLate, type LateConnection } from "../../../src/media/livekit/late-address.js";
import { adoptLiveKitLog } from "../../../src/media/livekit/log.js";
import { settled } from "../../fakes/clock.js";
import { quiet } from "../../fakes/log.js";

const THERE = { url: "ws://server/calling/v1/media", ticket: "ticket-1" };
const ELSEWHERE = { url: "ws://elsewhere/calling/v1/media", ticket: "ticket-2" };
const NO_ENGINE = "there is no engine here";

let engine: Room["engine"];
let asked: string[];
let connection: LateConnection;

beforeEach(() => {
  // All that the client looks for in a browser that can make calls; in this one it makes no offer beforehand.
  vi.stubGlobal("navigator", { userAgent: "Firefox/140.0", mediaDevices: new EventTarget() });
  vi.stubGlobal("RTCPeerConnection", { prototype: { addTransceiver: () => undefined } });
  adoptLiveKitLog(quiet);
  const room = new Room();
  ({ engine } = room);
  asked = [];
  engine.client.join = async (url, token) => {
    asked.push(`join ${url} ${token}`);
    throw new Error(NO_ENGINE);
  };
  connection = connectLate(room, { maxRetries: 0 });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("nothing is asked before it is known where; then it is asked there, with the ticket", async () => {
  await settled();
  const before = [...asked];

  connection.go(THERE);

  await expect(connection.connected).rejects.toThrow(NO_ENGINE);
  expect(before).toEqual([]);
  expect(asked).toEqual([`join ${THERE.url} ${THERE.ticket}`]);
});

test("signalling that is lost would be made again there, whatever is told later", async () => {
  connection.go(THERE);
  connection.go(ELSEWHERE);

  await expect(connection.connected).rejects.toThrow(NO_ENGINE);
  expect([engine["url"], engine["token"]]).toEqual([THERE.url, THERE.ticket]);
});

test("given up, it fails without having asked", async () => {
  connection.giveUp();
  connection.go(THERE);

  await expect(connection.connected).rejects.toThrow("closed before");
  expect(asked).toEqual([]);
});

test.each([
  ["is given up", (): void => connection.giveUp()],
  ["is refused", (): void => connection.go(THERE)],
])("what the client made for one that %s is closed", async (_how, end) => {
  let closed = 0;
  const made: Pick<NonNullable<typeof engine.pcManager>, "close"> = {
    close: async () => {
      closed += 1;
    },
  };
  engine.pcManager = made as NonNullable<typeof engine.pcManager>;

  end();

  await expect(connection.connected).rejects.toThrow();
  expect([closed, engine.pcManager]).toEqual([1, undefined]);
});

test("given up after it was told where, it goes on", async () => {
  connection.go(THERE);
  connection.giveUp();

  await expect(connection.connected).rejects.toThrow(NO_ENGINE);
});
