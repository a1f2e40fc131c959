// @vitest-environment happy-dom
/** What is read out of livekit-client: refusals, sources, and when sound may play. */
import { ConnectionError, Room, Track } from "livekit-client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { makeDisposableRoom } from "../../../src/media/livekit/disposable-room.js";
import { sourceOf } from "../../../src/media/livekit/feeds.js";
import { adoptLiveKitLog } from "../../../src/media/livekit/log.js";
import { playOnGesture } from "../../../src/media/livekit/playback.js";
import { liveKitRooms, refusalIn } from "../../../src/media/livekit/room.js";
import type { RoomListener } from "../../../src/media/port.js";
import { settled } from "../../fakes/clock.js";
import { quiet } from "../../fakes/log.js";

const BODY = '{"error":{"code":403,"subCode":5828,"message":"Not on the roster."}}';

describe("a refusal", () => {
  test("is read from the gate's body, behind the client's own words", () => {
    const error = ConnectionError.notAllowed(`could not establish signal connection: ${BODY}`, 403);

    expect(refusalIn(error)).toMatchObject({
      code: 403,
      subCode: 5828,
      message: "Not on the roster.",
    });
  });

  test.each([
    ["a 403 of something in between", ConnectionError.notAllowed("Forbidden", 403)],
    ["a body that is no refusal", ConnectionError.notAllowed('{"error":"no"}', 403)],
    ["a server that is away", ConnectionError.serverUnreachable("no route")],
    ["a timeout", ConnectionError.timeout("too late")],
    ["any other error", new Error(BODY)],
  ])("%s is none: it is tried again", (_what, error) => {
    expect(refusalIn(error)).toBeUndefined();
  });

  test("is what ends a connect: the room is not lost before it is told", async () => {
    adoptLiveKitLog(quiet);
    // All that the client looks for in a browser that can make calls; in this one it makes no offer beforehand.
    vi.stubGlobal("navigator", { userAgent: "Firefox/140.0", mediaDevices: new EventTarget() });
    vi.stubGlobal("RTCPeerConnection", { prototype: { addTransceiver: () => undefined } });
    vi.stubGlobal("WebSocket", ClosedAtOnce);
    vi.stubGlobal("fetch", async () => new Response(BODY, { status: 403 }));
    const room = liveKitRooms([])({} as RoomListener);

    const outcome = Promise.race([
      room.connect({ url: "ws://server/calling/v1/media", ticket: "ticket-1" }),
      room.over,
    ]);

    await expect(outcome).rejects.toMatchObject({ code: 403, subCode: 5828 });
    await room.close({ forGood: true });
    vi.unstubAllGlobals();
  });
});

/** A socket to where nobody is let in. */
class ClosedAtOnce extends EventTarget {
  onclose: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  constructor() {
    super();
    queueMicrotask(() => {
      for (const event of [new Event("error"), new CloseEvent("close", { code: 1006 })]) {
        this.dispatchEvent(event);
        this[event.type === "error" ? "onerror" : "onclose"]?.(event);
      }
    });
  }

  close(): void {}
}

test("sources have our names; those that we do not handle have none", () => {
  const names = [Track.Source.Microphone, Track.Source.Camera, Track.Source.ScreenShare].map(
    sourceOf,
  );

  expect(names).toEqual(["microphone", "camera", "screen"]);
  expect(sourceOf(Track.Source.ScreenShareAudio)).toBeUndefined();
});

describe("sound that the browser keeps back", () => {
  test("is tried at each gesture until it plays", async () => {
    let tries = 0;
    playOnGesture(async () => {
      tries += 1;
      if (tries === 1) throw new Error("not yet");
    });

    for (const gesture of ["pointerup", "keydown", "touchend"]) {
      document.dispatchEvent(new Event(gesture));
      await settled();
    }

    expect(tries).toBe(2);
  });

  test("is forgotten when it is no use any more", () => {
    let tries = 0;
    const forget = playOnGesture(async () => {
      tries += 1;
    });

    forget();
    document.dispatchEvent(new Event("pointerup"));

    expect(tries).toBe(0);
  });
});

describe("a room of the client", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("stops listening to devices when it is let go, and the client's registry is its own again", () => {
    const mediaDevices = new EventTarget();
    vi.stubGlobal("navigator", { userAgent: "test", mediaDevices });
    const theirs = Room.cleanupRegistry;
    const { room, letGo } = makeDisposableRoom({});
    const heard = vi.spyOn(
      room as unknown as { handleDeviceChange: () => Promise<void> },
      "handleDeviceChange",
    );
    heard.mockResolvedValue();

    mediaDevices.dispatchEvent(new Event("devicechange"));
    letGo();
    mediaDevices.dispatchEvent(new Event("devicechange"));

    expect(heard).toHaveBeenCalledTimes(1);
    expect(Room.cleanupRegistry).toBe(theirs);
  });
});
