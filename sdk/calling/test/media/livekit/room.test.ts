// @vitest-environment happy-dom
/** What is read out of livekit-client: refusals, sources, and when sound may play. */
import { ConnectionError, Room, Track } from "livekit-client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { makeDisposableRoom } from "../../../src/media/livekit/disposable-room.js";
import { sourceOf } from "../../../src/media/livekit/feeds.js";
import { playOnGesture } from "../../../src/media/livekit/playback.js";
import { refusalIn } from "../../../src/media/livekit/room.js";
import { settled } from "../../fakes/clock.js";

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
});

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
