/** What a person sends: microphone, camera, screen, and what the role allows. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { NotPermitted } from "../../src/media/port.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { capabilitiesOf, joined } from "../fakes/joined.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

const sources = (): string[] =>
  bench.room.sent.map(({ source, muted }) => `${source}${muted ? " muted" : ""}`);

async function newCamera(): Promise<LocalVideoStream> {
  const [camera] = await bench.devices.getCameras();
  if (camera === undefined) throw new Error("There is no camera.");
  return new LocalVideoStream(camera);
}

function listen(call: Call): string[] {
  const heard: string[] = [];
  call.on("isMutedChanged", () => heard.push(`muted ${call.isMuted}`));
  call.on("isLocalVideoStartedChanged", () => heard.push(`video ${call.isLocalVideoStarted}`));
  call.on("isScreenSharingOnChanged", () => heard.push(`screen ${call.isScreenSharingOn}`));
  call.on("localVideoStreamsUpdated", ({ added, removed }) =>
    heard.push(`streams +${added.length} -${removed.length}`),
  );
  return heard;
}

function changeRole(role: string): void {
  const capabilities = capabilitiesOf(role);
  const own = { callId: "call-1", participantId: "me-1", reason: "RoleChanged" };
  bench.server.tell("roleChanged", { ...own, role, capabilities });
}

describe("the microphone", () => {
  test("is sent from the start unless the app says muted", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);

    expect(call.isMuted).toBe(false);
    expect(sources()).toEqual(["microphone"]);
  });

  test("stays closed in a call that is joined muted, until the first word", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    expect(bench.browser.opened).toEqual([]);

    await call.unmute();

    expect(sources()).toEqual(["microphone"]);
    expect(call.isMuted).toBe(false);
  });

  test("is silent before muting resolves, and the event fires before", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const heard = listen(call);

    const muting = call.mute();
    expect(bench.browser.opened[0]?.enabled).toBe(false);
    await muting;

    expect(heard).toEqual(["muted true"]);
    expect(sources()).toEqual(["microphone muted"]);
  });

  test("muting twice is one change", async () => {
    const call = await bench.connect();
    const heard = listen(call);

    await call.mute();
    await call.mute();
    await call.unmute();
    await call.unmute();

    expect(heard).toEqual(["muted true", "muted false"]);
    expect(bench.browser.live).toEqual(["Default microphone"]);
  });

  test("muted while the browser still asks the person, it never opens its mouth", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    bench.browser.ask();
    const unmuting = call.unmute();
    await settled();

    await call.mute();
    bench.browser.answer();
    await unmuting;

    expect(call.isMuted).toBe(true);
    expect(sources()).toEqual([]);
    expect(bench.browser.live).toEqual([]);
  });

  test("that cannot be opened starts the call muted", async () => {
    bench.browser.broken.set("audio", "NotAllowedError");
    const call = await bench.connect();
    await bench.until(() => call.isMuted);

    expect(call.state).toBe("Connected");
    await expect(call.unmute()).rejects.toMatchObject({ code: 403, name: expect.any(String) });
    expect(call.isMuted).toBe(true);
  });

  test("follows the person's choice in a running call", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const headset = (await bench.devices.getMicrophones())[1];

    if (headset !== undefined) await bench.devices.selectMicrophone(headset);
    await bench.until(() => bench.browser.live[0] === "Headset");

    expect(bench.room.sent[0]?.track).toBe(bench.browser.opened[1]);
    expect(call.isMuted).toBe(false);
  });

  test("that is unplugged gives way to the default one", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);

    bench.browser.opened[0]?.unplug();
    await bench.until(() => bench.browser.opened.length === 2);
    await settled();

    expect(bench.room.sent[0]?.track).toBe(bench.browser.opened[1]);
    expect(call.isMuted).toBe(false);
  });

  test("that is unplugged and has no successor mutes the call", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    bench.browser.broken.set("audio", "NotFoundError");

    bench.browser.opened[0]?.unplug();
    await bench.until(() => call.isMuted);
    await settled();

    expect(sources()).toEqual([]);
  });

  test("that the engine takes away mutes the call", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);

    bench.room.listener.onTakenAway("microphone");
    await settled();

    expect(call.isMuted).toBe(true);
    expect(bench.browser.live).toEqual([]);
  });

  test("is closed when the call ends", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);

    await call.hangUp();

    expect(bench.browser.live).toEqual([]);
    await expect(call.unmute()).rejects.toMatchObject({ code: 412 });
  });
});

describe("the camera", () => {
  test("opens when it is started, not before", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await newCamera();
    expect(bench.browser.opened).toEqual([]);
    const heard = listen(call);

    await call.startVideo(stream);

    expect(heard).toEqual(["streams +1 -0", "video true"]);
    expect(call.localVideoStreams).toEqual([stream]);
    expect(sources()).toEqual(["camera"]);
  });

  test("given at joining is listed at once, and told of no second time", async () => {
    const stream = await newCamera();
    const call = bench.join({ videoOptions: { localVideoStreams: [stream] } });
    const heard = listen(call);
    expect(call.localVideoStreams).toEqual([stream]);
    expect(call.isLocalVideoStarted).toBe(false);
    (await bench.server.next("join")).answer(joined());
    await bench.up(1);
    await bench.until(() => call.isLocalVideoStarted);

    expect(heard).toEqual(["video true"]);
    expect(sources().sort()).toEqual(["camera", "microphone"]);
  });

  test("off is unpublished and closed; on again works", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await newCamera();
    await call.startVideo(stream);

    await call.stopVideo(stream);
    expect(sources()).toEqual([]);
    expect(bench.browser.live).toEqual([]);
    await call.startVideo(stream);

    expect(sources()).toEqual(["camera"]);
    expect(bench.browser.live).toEqual(["Front camera"]);
  });

  test("may be stopped by a stream of the same source, or by a wrapped one", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await newCamera();
    await call.startVideo(stream);
    await call.stopVideo(await newCamera());

    await call.startVideo(new Proxy(stream, {}));
    await call.stopVideo(stream);

    expect(call.localVideoStreams).toEqual([]);
  });

  test("misuse is refused with the codes that apps know", async () => {
    const call = await bench.connect();
    const stream = await newCamera();

    await expect(call.stopVideo(stream)).rejects.toMatchObject({ code: 400, subCode: 41030 });
    // What untyped apps pass.
    const nonsense = {} as LocalVideoStream;
    await expect(call.startVideo(nonsense)).rejects.toMatchObject({ subCode: 41025 });
    await call.startVideo(stream);
    await expect(call.startVideo(stream)).rejects.toMatchObject({ code: 400, subCode: 41027 });
    await expect(call.stopVideo(nonsense)).rejects.toMatchObject({ code: 400, subCode: 41032 });
  });

  test("that is in use elsewhere is refused with 412/43000, and nothing is listed", async () => {
    const call = await bench.connect();
    bench.browser.broken.set("video", "NotReadableError");

    const error = await call.startVideo(await newCamera()).catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 412, subCode: 43000 });
    expect(call.localVideoStreams).toEqual([]);
  });

  test("that the engine refuses is closed again", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    bench.room.publishError = new NotPermitted();

    await expect(call.startVideo(await newCamera())).rejects.toMatchObject({ code: 403 });

    expect(bench.browser.live).toEqual([]);
    expect(call.localVideoStreams).toEqual([]);
  });

  test("is changed in a running call without a new publication", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const stream = await newCamera();
    const [, desk] = await bench.devices.getCameras();
    await call.startVideo(stream);
    const sent = bench.room.sent[0];

    if (desk !== undefined) await stream.switchSource(desk);
    await settled();

    expect(bench.room.sent).toEqual([sent]);
    expect(sent?.track).toBe(bench.browser.opened[1]);
    expect(bench.browser.live).toEqual(["Desk camera"]);
  });

  test("that is unplugged ends the video", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    await call.startVideo(await newCamera());
    const heard = listen(call);

    bench.browser.opened[0]?.unplug();
    await bench.until(() => heard.length === 2);

    expect(heard).toEqual(["streams +0 -1", "video false"]);
  });

  test("is closed when the call ends, unless the app keeps the stream", async () => {
    const [camera] = await bench.devices.getCameras();
    const call = await bench.connect({ audioOptions: { muted: true } });
    const kept = camera && new LocalVideoStream(camera, { autoDisposeOnCallEnd: false });
    if (kept === undefined) throw new Error("There is no camera.");
    await call.startVideo(kept);

    await call.hangUp();

    expect(bench.browser.live).toEqual([]);
  });
});

describe("the screen", () => {
  test("is shared as a stream of its own kind", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const heard = listen(call);

    await call.startScreenSharing();

    expect(heard).toEqual(["streams +1 -0", "screen true"]);
    expect(call.localVideoStreams[0]?.mediaStreamType).toBe("ScreenSharing");
    expect(sources()).toEqual(["screen"]);
  });

  test("stops when the person stops it in the browser", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    await call.startScreenSharing();

    bench.browser.opened[0]?.unplug();
    await bench.until(() => !call.isScreenSharingOn);

    expect(sources()).toEqual([]);
  });

  test("needs the role, a connected call, and to be off", async () => {
    const early = bench.join();
    await expect(early.startScreenSharing()).rejects.toMatchObject({ subCode: 41071 });
    (await bench.server.next("join")).answer(joined("Attendee"));
    await bench.up(1);

    await expect(early.startScreenSharing()).rejects.toMatchObject({ code: 403 });
    changeRole("Presenter");
    await bench.until(() => early.role === "Presenter");
    await early.startScreenSharing();
    await expect(early.startScreenSharing()).rejects.toMatchObject({ subCode: 41035 });
    await early.stopScreenSharing();
    await expect(early.stopScreenSharing()).rejects.toMatchObject({ subCode: 41041 });

    expect(bench.browser.live).not.toContain("Screen 1");
  });

  test("that the person did not choose is not shared", async () => {
    const call = await bench.connect();
    bench.browser.broken.set("screen", "NotAllowedError");

    await expect(call.startScreenSharing()).rejects.toMatchObject({ code: 403 });

    expect(call.isScreenSharingOn).toBe(false);
  });
});

describe("the role", () => {
  test("of a Consumer opens no device, whatever the app asked for", async () => {
    const stream = await newCamera();
    const options = { videoOptions: { localVideoStreams: [stream] } };
    const call = await bench.connect(options, joined("Consumer"));

    expect(call.isMuted).toBe(true);
    expect(call.localVideoStreams).toEqual([]);
    expect(bench.browser.opened).toEqual([]);
    await expect(call.unmute()).rejects.toMatchObject({ code: 403 });
    await expect(call.startVideo(stream)).rejects.toMatchObject({ code: 403 });
  });

  test("that is taken away stops voice, picture and screen, and the events fire", async () => {
    const call = await bench.connect();
    await call.startVideo(await newCamera());
    await call.startScreenSharing();
    await bench.until(() => bench.room.sent.length === 3);
    const heard = listen(call);

    changeRole("Consumer");
    await bench.until(() => bench.browser.live.length === 0);
    await settled();

    expect(heard.sort()).toEqual(
      ["muted true", "screen false", "streams +0 -1", "streams +0 -1", "video false"].sort(),
    );
    expect(bench.room.sent).toEqual([]);
  });

  test("that is given back allows it again, but starts nothing", async () => {
    const call = await bench.connect({}, joined("Consumer"));
    changeRole("Attendee");
    await bench.until(() => call.role === "Attendee");
    expect(bench.browser.opened).toEqual([]);

    await call.unmute();

    expect(sources()).toEqual(["microphone"]);
  });
});
