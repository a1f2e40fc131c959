/** The rules that every object of the SDK keeps: frozen, wrapped, extended. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Features } from "../../src/features/features.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg } from "../fakes/joined.js";

let bench: Bench;
let call: Call;

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({ audioOptions: { muted: true } }, joined("Presenter", [leg("p-1")]));
  bench.room.receive({ sender: "8:acs:resource_bo~p-1", source: "camera" });
  await bench.until(() => call.remoteParticipants[0]?.videoStreams.length === 1);
});

afterEach(async () => {
  await bench.stop();
});

/** Freeze as state libraries do: plain objects and arrays, all the way down. */
function freeze(value: unknown): void {
  const plain = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype;
  if (!plain) return;
  Object.freeze(value);
  for (const inner of Object.values(value as object)) freeze(inner);
}

/** Everything that the SDK hands out. */
function everything(): unknown[] {
  const [bo] = call.remoteParticipants;
  return [
    call.callerInfo,
    call.callEndReason,
    call.localVideoStreams,
    call.remoteParticipants,
    call.feature(Features.Capabilities).capabilities,
    bench.agent.calls,
    bo?.identifier,
    bo?.endpointDetails,
    bo?.videoStreams,
    bo?.videoStreams[0]?.size,
    bench.devices.selectedMicrophone,
  ];
}

describe("what is handed out", () => {
  test("may be frozen deeply, and everything goes on", async () => {
    bench.agent.on("callsUpdated", freeze);
    call.on("remoteParticipantsUpdated", freeze);
    call.on("localVideoStreamsUpdated", freeze);
    call.remoteParticipants[0]?.on("videoStreamsUpdated", freeze);
    call.feature(Features.Capabilities).on("capabilitiesChanged", freeze);
    for (const one of everything()) freeze(one);
    const cameras = await bench.devices.getCameras();
    freeze(cameras);

    const [camera] = cameras;
    if (camera !== undefined) await call.startVideo(new LocalVideoStream(camera));
    const cy = { rawId: "8:acs:resource_cy", displayName: "Cy" };
    bench.server.tell("legsChanged", {
      callId: "call-1",
      changed: [leg("p-2", cy)],
      removed: ["p-1"],
      ends: {},
    });
    await bench.until(() => call.remoteParticipants[0]?.displayName === "Cy");
    for (const one of everything()) freeze(one);
    await call.hangUp();

    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 0 });
    freeze(call.callEndReason);
    expect(bench.agent.calls).toEqual([]);
  });

  test("is no state of ours: changing it changes nothing", () => {
    (call.remoteParticipants as unknown[]).length = 0;
    Object.assign(call.feature(Features.Capabilities).capabilities.turnVideoOn, {
      isPresent: false,
    });

    expect(call.remoteParticipants).toHaveLength(1);
    expect(call.feature(Features.Capabilities).capabilities.turnVideoOn.isPresent).toBe(true);
  });

  test("live objects are no plain objects, so that nobody freezes them", () => {
    const plain = (value: unknown): boolean => Object.getPrototypeOf(value) === Object.prototype;
    const [bo] = call.remoteParticipants;

    const live = [call, call.info, bo, bo?.videoStreams[0], bench.agent, bench.devices];

    expect(live.filter(plain)).toEqual([]);
  });

  test("live objects are the same each time, and can be given more properties", () => {
    const names = ["getState", "onStateChange", "unsubscribe", "selectCamera"];
    const [bo] = call.remoteParticipants;

    expect(call.remoteParticipants[0]).toBe(bo);
    expect(bo?.videoStreams[0]).toBe(bo?.videoStreams[0]);
    expect(call.info).toBe(call.info);
    expect(call.feature(Features.Capabilities)).toBe(call.feature(Features.Capabilities));
    for (const object of [call, bench.agent, bench.devices]) {
      for (const name of names) Object.defineProperty(object, name, { value: () => undefined });
    }
  });
});

/** Wrap as interface libraries do: methods run with the wrapper as `this`. */
function wrap<T extends object>(object: T): T {
  return new Proxy(object, {});
}

describe("wrapped in a proxy", () => {
  test("a call works like the call itself", async () => {
    const wrapped = wrap(call);
    const heard: string[] = [];
    wrapped.on("isMutedChanged", () => heard.push(`muted ${wrapped.isMuted}`));
    const [camera] = await bench.devices.getCameras();

    await wrapped.unmute();
    if (camera !== undefined) await wrapped.startVideo(wrap(new LocalVideoStream(camera)));
    await wrapped.startScreenSharing();
    await wrapped.hangUp();

    expect(heard).toEqual(["muted false"]);
    expect(call.state).toBe("Disconnected");
  });

  test("an agent, a device manager and a stream work, too", async () => {
    const agent = wrap(bench.agent);
    const devices = wrap(bench.devices);
    const [front, desk] = await devices.getCameras();
    if (front === undefined || desk === undefined) throw new Error("There are two cameras.");
    const stream = wrap(new LocalVideoStream(front));

    await stream.getMediaStream();
    await stream.switchSource(desk);
    await devices.askDevicePermission({ audio: true });
    const [, headset] = await devices.getMicrophones();
    if (headset !== undefined) await devices.selectMicrophone(headset);
    stream.dispose();
    await agent.dispose();

    expect(stream.source.name).toBe("Desk camera");
    expect(devices.selectedMicrophone?.name).toBe("Headset");
    expect(agent.calls).toEqual([]);
  });

  test("a feature works, too", () => {
    const feature = wrap(call.feature(Features.Capabilities));

    feature.on("capabilitiesChanged", () => undefined);

    expect(feature.capabilities.shareScreen.isPresent).toBe(true);
  });
});

describe("features", () => {
  test("that this version does not have are a clear error", () => {
    // What untyped apps pass for the features of other versions.
    const missing = { featureName: "LocalRecording" };

    expect(() => call.feature(missing)).toThrow(expect.objectContaining({ code: 405 }));
    expect(() => call.feature(undefined as never)).toThrow(expect.objectContaining({ code: 405 }));
  });

  test("can be asked for and listened to before the call is up and after its end", async () => {
    await call.hangUp();
    const feature = call.feature(Features.Capabilities);
    const listener = (): void => undefined;

    feature.on("capabilitiesChanged", listener);
    feature.off("capabilitiesChanged", listener);

    expect(Object.keys(feature.capabilities)).toHaveLength(25);
  });
});

describe("errors", () => {
  test("are real errors with own code, sub code, message and name", async () => {
    const error = await call.stopScreenSharing().catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(Error);
    expect(Object.keys(error as Error)).toEqual(
      expect.arrayContaining(["code", "subCode", "name"]),
    );
    expect(Object.hasOwn(error as Error, "message")).toBe(true);
  });
});
