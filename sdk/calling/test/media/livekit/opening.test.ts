// @vitest-environment happy-dom
/** A microphone is open when the service says so, and muted again when it says no. */
import { EventEmitter } from "node:events";
import { type LocalTrack, type Room, RoomEvent } from "livekit-client";
import { beforeEach, expect, test } from "vitest";
import { openMicrophone } from "../../../src/media/livekit/opening.js";
import { MicrophonesFull, NotPermitted } from "../../../src/media/port.js";
import { settled } from "../../fakes/clock.js";

const SID = "TR_AMown";

/** The client's engine, as far as it is used. */
class FakeEngine extends EventEmitter {
  readonly asked: string[] = [];

  updateMuteStatus(sid: string, muted: boolean): void {
    this.asked.push(`${sid} ${muted}`);
  }

  answer(reason: number, sid = SID): void {
    this.emit("signalRequestResponse", { reason, request: { case: "mute", value: { sid } } });
  }
}

let engine: FakeEngine;
let room: EventEmitter;
let opening: Promise<void>;

beforeEach(() => {
  engine = new FakeEngine();
  room = Object.assign(new EventEmitter(), { engine });
  const track = {
    mute: async () => engine.updateMuteStatus(SID, true),
    unmute: async () => engine.updateMuteStatus(SID, false),
  };
  opening = openMicrophone(room as unknown as Room, track as unknown as LocalTrack, SID);
});

test("it is open once the service says so of this very track", async () => {
  let isOpen = false;
  void opening.then(() => {
    isOpen = true;
  });
  engine.answer(0, "TR_AMother");
  engine.emit("signalRequestResponse", { reason: 0, request: { case: undefined } });
  await settled();
  expect(isOpen).toBe(false);

  engine.answer(0);
  await opening;

  expect(engine.asked).toEqual([`${SID} false`]);
});

test.each([
  [3, MicrophonesFull],
  [2, NotPermitted],
  [1, Error],
])("answer %i leaves it muted, and is told", async (reason, error) => {
  engine.answer(reason);

  await expect(opening).rejects.toThrow(error);

  expect(engine.asked).toEqual([`${SID} false`, `${SID} true`]);
});

test("an answer that was lost with the connection is asked for again", async () => {
  room.emit(RoomEvent.Reconnected);
  engine.answer(0);
  await opening;
  room.emit(RoomEvent.Reconnected);

  expect(engine.asked).toEqual([`${SID} false`, `${SID} false`]);
  expect(engine.listenerCount("signalRequestResponse")).toBe(0);
});
