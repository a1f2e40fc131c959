/** Obstacles before and around a call. */
import { describe, expect, test } from "vitest";
import {
  brokenLink,
  codeOf,
  deviceTrouble,
  tellTrouble,
  tellWithout,
  unreachable,
  unsupported,
} from "../src/shared/troubles.js";

const FINE = { secure: true, media: true, connections: true, sockets: true };

describe("the browser", () => {
  test("is good enough when it has everything", () => {
    expect(unsupported(FINE, "https://rooms.example")).toBeUndefined();
  });

  test("needs a secure address, and is told which one was not", () => {
    const reason = unsupported({ ...FINE, secure: false, media: false }, "http://10.0.0.5:8080");

    expect(reason?.text).toContain("http://10.0.0.5:8080");
    expect(reason?.text).toContain("https://");
  });

  test.each(["media", "connections", "sockets"])("without %s cannot hold calls", (missing) => {
    expect(unsupported({ ...FINE, [missing]: false }, "")?.title).toBe(
      "This browser cannot hold calls",
    );
  });
});

test.each(["room", "token", "everything"] as const)("a link without %s is explained", (missing) => {
  expect(brokenLink(missing).text).toContain("link");
});

describe("a silent server", () => {
  test("over https may have a certificate that is not trusted: page and command are named", () => {
    const { text, again } = unreachable("https://rooms.example:8443", false);

    expect(text).toContain("https://rooms.example:8443/");
    expect(text).toContain("openrooms trust");
    expect(again).toBe("Try again");
  });

  test("over http has no certificate to blame", () => {
    expect(unreachable("http://localhost:8080", false).text).not.toContain("certificate");
  });

  test("that answers plain questions is hidden by something in between", () => {
    expect(unreachable("https://rooms.example", true).text).toContain("WebSockets");
  });
});

describe("a device", () => {
  test.each([
    [43001, "denied"],
    [43016, "denied"],
    [40613, "denied"],
    [43013, "missing"],
    [43019, "missing"],
    [49008, "denied"],
    [49009, "missing"],
    [43000, "busy"],
    [43014, "failed"],
  ])("with sub code %i is %s", (subCode, expected) => {
    expect(deviceTrouble({ code: 412, subCode })).toBe(expected);
  });

  test.each(["denied", "missing", "busy", "failed"] as const)(
    "that is %s has a way out",
    (trouble) => {
      expect(tellTrouble("camera", trouble)).toMatch(/camera.*(switch|Switch)/);
      expect(tellTrouble("microphone", trouble)).toMatch(/microphone.*(switch|Switch)/);
    },
  );

  test("can be done without", () => {
    expect(tellWithout("camera")).toContain("others will not see you");
    expect(tellWithout("microphone")).toContain("others will not hear you");
  });
});

describe("the numbers of what was thrown", () => {
  test("are taken where there are some", () => {
    expect(codeOf({ code: 401, subCode: 10009 })).toEqual({ code: 401, subCode: 10009 });
    expect(codeOf({ code: 408 })).toEqual({ code: 408, subCode: 0 });
  });

  test.each([undefined, null, "text", new Error("plain"), { code: "x", subCode: "y" }])(
    "are never those of a wished end: %j",
    (thrown) => {
      expect(codeOf(thrown)).toEqual({ code: 500, subCode: 0 });
    },
  );
});
