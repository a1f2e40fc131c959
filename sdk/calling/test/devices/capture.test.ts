/** Opening devices, and the codes of what goes wrong. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openCamera, openMicrophone, openScreen } from "../../src/devices/capture.js";
import { FakeBrowser } from "../fakes/browser.js";

let browser: FakeBrowser;

beforeEach(() => {
  browser = new FakeBrowser();
});

afterEach(() => {
  browser.leave();
});

test("the camera that was asked for opens, and no other", async () => {
  const track = await openCamera("desk");

  expect(track.label).toBe("Desk camera");
  expect(browser.live).toEqual(["Desk camera"]);
});

test("without a wish the default microphone opens", async () => {
  expect((await openMicrophone(undefined)).label).toBe("Default microphone");
  expect((await openMicrophone("headset")).label).toBe("Headset");
});

describe("a failure has the code that apps know", () => {
  test.each([
    ["NotAllowedError", 403, 43001],
    ["NotFoundError", 412, 43013],
    ["NotReadableError", 412, 43000],
    ["OverconstrainedError", 412, 43018],
    ["TypeError", 500, 43002],
  ])("camera: %s", async (name, code, subCode) => {
    browser.broken.set("video", name);

    const error = await openCamera("front").catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code, subCode });
    expect(String(error)).toContain("no video");
  });

  test.each([
    ["NotAllowedError", 403],
    ["NotFoundError", 412],
  ])("microphone: %s", async (name, code) => {
    browser.broken.set("audio", name);

    await expect(openMicrophone(undefined)).rejects.toMatchObject({ code });
  });

  test("what the system keeps from the browser itself", async () => {
    const denied = Object.assign(new Error("Permission denied by system"), {
      name: "NotAllowedError",
    });
    browser.getUserMedia = () => Promise.reject(denied);
    browser.getDisplayMedia = () => Promise.reject(denied);
    const refusal = { code: 412, subCode: 43016 };

    await expect(openCamera("front")).rejects.toMatchObject(refusal);
    await expect(openMicrophone(undefined)).rejects.toMatchObject(refusal);
    await expect(openScreen()).rejects.toMatchObject(refusal);
  });

  test("a screen that the person did not choose", async () => {
    browser.broken.set("screen", "NotAllowedError");

    await expect(openScreen()).rejects.toMatchObject({ code: 403 });
  });

  test("a page that was not loaded safely has no devices", async () => {
    vi.stubGlobal("navigator", { mediaDevices: undefined });

    await expect(openCamera("front")).rejects.toMatchObject({ code: 412, subCode: 43017 });
  });
});
