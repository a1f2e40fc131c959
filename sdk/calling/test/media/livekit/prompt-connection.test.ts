// @vitest-environment happy-dom
/** The client goes on when its connection for media is there, not when it looks next. */
import { EngineEvent, Room } from "livekit-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectLate, type LateConnection } from "../../../src/media/livekit/late-address.js";
import { adoptLiveKitLog } from "../../../src/media/livekit/log.js";
import { settled } from "../../fakes/clock.js";
import { quiet } from "../../fakes/log.js";

/** What the engine said to the join; nobody looks into it here. */
const ANSWER = {} as NonNullable<Room["engine"]["latestJoinResponse"]>;

let engine: Room["engine"];
let connection: LateConnection;
let told: string[];
/** The client looks, and finds that nothing will come of it. */
let fail: (why: Error) => void;

beforeEach(() => {
  // All that the client looks for in a browser that can make calls.
  vi.stubGlobal("navigator", { userAgent: "Firefox/140.0", mediaDevices: new EventTarget() });
  vi.stubGlobal("RTCPeerConnection", { prototype: { addTransceiver: () => undefined } });
  adoptLiveKitLog(quiet);
  const room = new Room();
  ({ engine } = room);
  const looking = new Promise<void>((_resolve, reject) => {
    fail = reject;
  });
  engine.waitForPCInitialConnection = () => looking;
  connection = connectLate(room, { maxRetries: 0 });
  told = [];
  engine.waitForPCInitialConnection().then(
    () => told.push("it is there"),
    (error: Error) => told.push(error.message),
  );
});

afterEach(() => {
  connection.giveUp();
  vi.unstubAllGlobals();
});

test("it goes on in the moment in which the connection is there", async () => {
  await settled();
  const before = [...told];

  engine.emit(EngineEvent.Connected, ANSWER);
  await settled();

  expect(before).toEqual([]);
  expect(told).toEqual(["it is there"]);
});

test("a connection that comes to nothing is told as before", async () => {
  fail(new Error("could not establish pc connection"));
  await settled();

  expect(told).toEqual(["could not establish pc connection"]);
});

test("what is found later of a connection that is there disturbs nobody", async () => {
  engine.emit(EngineEvent.Connected, ANSWER);
  fail(new Error("could not establish pc connection"));
  await settled();

  expect(told).toEqual(["it is there"]);
});
