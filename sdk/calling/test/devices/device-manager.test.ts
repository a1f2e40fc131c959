/** Listing, granting and choosing devices. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeviceManagerObject } from "../../src/devices/device-manager.js";
import { FakeBrowser } from "../fakes/browser.js";
import { settled } from "../fakes/clock.js";
import { quiet } from "../fakes/log.js";

let browser: FakeBrowser;
let heard: string[];

beforeEach(() => {
  browser = new FakeBrowser();
  heard = [];
});

afterEach(() => {
  browser.leave();
});

async function newManager(): Promise<DeviceManagerObject> {
  const manager = await DeviceManagerObject.create(quiet);
  manager.on("videoDevicesUpdated", ({ added, removed }) =>
    heard.push(`video +${added.length} -${removed.length}`),
  );
  manager.on("audioDevicesUpdated", ({ added, removed }) =>
    heard.push(`audio +${added.length} -${removed.length}`),
  );
  manager.on("selectedMicrophoneChanged", () =>
    heard.push(`microphone ${manager.selectedMicrophone?.name}`),
  );
  manager.on("selectedSpeakerChanged", () =>
    heard.push(`speaker ${manager.selectedSpeaker?.name}`),
  );
  return manager;
}

describe("before the person has granted anything", () => {
  beforeEach(() => {
    browser.granted = false;
  });

  test("there are no devices", async () => {
    const manager = await newManager();

    expect(await manager.getCameras()).toEqual([]);
    expect(await manager.getMicrophones()).toEqual([]);
    expect(manager.selectedMicrophone).toBeUndefined();
  });

  test("the grant makes them come", async () => {
    const manager = await newManager();

    const access = await manager.askDevicePermission({ audio: true, video: true });

    expect(access).toEqual({ audio: true, video: true });
    expect(heard).toEqual([
      "microphone Default microphone",
      "speaker Default speaker",
      "video +2 -0",
      "audio +3 -0",
    ]);
    expect(browser.live).toEqual([]);
  });

  test("a refusal is false, not an error", async () => {
    const manager = await newManager();
    browser.broken.set("video", "NotAllowedError");

    const access = await manager.askDevicePermission({ audio: true, video: true });

    expect(access).toEqual({ audio: true, video: false });
  });

  test("a missing device is false, one in use is granted", async () => {
    const manager = await newManager();
    browser.broken.set("audio", "NotFoundError");
    browser.broken.set("video", "NotReadableError");

    const access = await manager.askDevicePermission({ audio: true, video: true });

    expect(access).toEqual({ audio: false, video: true });
  });

  test.each([[{}], [{ audio: false }], [{ audio: undefined, video: false }]])(
    "asking for %j is asking for nothing",
    async (asked) => {
      const manager = await newManager();

      await expect(manager.askDevicePermission(asked)).rejects.toMatchObject({ subCode: 40612 });
    },
  );

  test("a failure that is no refusal is an error", async () => {
    const manager = await newManager();
    browser.broken.set("audio", "TypeError");

    const asked = manager.askDevicePermission({ audio: true });

    await expect(asked).rejects.toMatchObject({ code: 500, subCode: 40614 });
  });
});

describe("devices", () => {
  test("have ids of their kind, names, and types", async () => {
    const manager = await newManager();

    expect((await manager.getCameras())[0]).toEqual({
      id: "camera:front",
      name: "Front camera",
      deviceType: "UsbCamera",
    });
    expect((await manager.getMicrophones())[0]).toEqual({
      id: "microphone:default",
      name: "Default microphone",
      isSystemDefault: true,
      deviceType: "Microphone",
    });
    expect((await manager.getSpeakers())[0]?.deviceType).toBe("Speaker");
    expect(heard).toEqual([]);
  });

  test("that come and go are told with what came and what went", async () => {
    await newManager();
    const [front, , microphone] = browser.devices;
    if (front === undefined || microphone === undefined) throw new Error("There are devices.");

    browser.plug(front, microphone, { kind: "audioinput", deviceId: "new", label: "New" });
    await settled();

    expect(heard).toEqual(["speaker undefined", "video +0 -1", "audio +1 -2"]);
  });

  test("that cannot be listed are as they were", async () => {
    const manager = await newManager();
    browser.enumerateDevices = async () => {
      throw new Error("not now");
    };

    expect(await manager.getCameras()).toHaveLength(2);
  });
});

describe("choosing", () => {
  test("a microphone is told, and remembered for calls", async () => {
    const manager = await newManager();
    const [, headset] = await manager.getMicrophones();

    if (headset !== undefined) await manager.selectMicrophone(headset);

    expect(heard).toEqual(["microphone Headset"]);
    expect(manager.chosenId("microphone")).toBe("headset");
  });

  test("the default is nothing special to ask for", async () => {
    const manager = await newManager();

    expect(manager.selectedMicrophone?.isSystemDefault).toBe(true);
    expect(manager.chosenId("microphone")).toBeUndefined();
  });

  test("a microphone that is unplugged gives way to the default", async () => {
    const manager = await newManager();
    const [, headset] = await manager.getMicrophones();
    if (headset !== undefined) await manager.selectMicrophone(headset);

    browser.plug(...browser.devices.filter(({ deviceId }) => deviceId !== "headset"));
    await settled();

    expect(heard).toContain("microphone Default microphone");
    expect(manager.chosenId("microphone")).toBeUndefined();
  });

  test("what was never listed is refused", async () => {
    const manager = await newManager();
    const strange = {
      id: "microphone:x",
      name: "X",
      isSystemDefault: false,
      deviceType: "Microphone",
    } as const;

    await expect(manager.selectMicrophone(strange)).rejects.toMatchObject({ code: 400 });
  });

  test("a speaker needs a browser that can", async () => {
    const manager = await newManager();
    const [speaker] = await manager.getSpeakers();
    HTMLMediaElement.prototype = {} as HTMLMediaElement;

    expect(manager.isSpeakerSelectionAvailable).toBe(false);
    await expect(manager.getSpeakers()).rejects.toMatchObject({ code: 405, subCode: 40606 });
    await expect(manager.selectSpeaker(speaker as never)).rejects.toMatchObject({ code: 405 });
  });
});

test("a disposed manager watches nothing any more", async () => {
  const manager = await newManager();

  manager.dispose();
  browser.plug();
  await settled();

  expect(heard).toEqual([]);
});
