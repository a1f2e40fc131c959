/** Capabilities and the environment. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CapabilitiesChangeInfo, ParticipantCapabilities } from "../../src/api/features.js";
import { CapabilitiesObject } from "../../src/features/capabilities.js";
import { CAPABILITY_NAMES, NOTHING_YET } from "../../src/features/capability-names.js";
import { DebugInfoObject, readEnvironment } from "../../src/features/debug-info.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

const may = (...names: string[]): ParticipantCapabilities => {
  const all = { ...NOTHING_YET };
  for (const name of CAPABILITY_NAMES) {
    const isPresent = names.includes(name);
    all[name] = { isPresent, reason: isPresent ? "Capable" : "RoleRestricted" };
  }
  return all;
};

describe("capabilities", () => {
  test("are complete from the start, and not known yet", () => {
    const { capabilities } = new CapabilitiesObject();

    expect(Object.keys(capabilities).sort()).toEqual([...CAPABILITY_NAMES].sort());
    expect(capabilities.shareScreen).toEqual({ isPresent: false, reason: "FeatureNotSupported" });
  });

  test("tell only what has changed, before and after", () => {
    const feature = new CapabilitiesObject();
    feature.announce(may("unmuteMic"), "MeetingOptionOrOrganizerPolicyChanged");
    const changes: CapabilitiesChangeInfo[] = [];
    feature.on("capabilitiesChanged", (change) => changes.push(change));

    feature.announce(may("unmuteMic", "shareScreen"), "RoleChanged");

    expect(changes).toEqual([
      {
        oldValue: { shareScreen: { isPresent: false, reason: "RoleRestricted" } },
        newValue: { shareScreen: { isPresent: true, reason: "Capable" } },
        reason: "RoleChanged",
      },
    ]);
  });

  test("that have not changed tell nothing", () => {
    const feature = new CapabilitiesObject();
    feature.announce(may("unmuteMic"), "RoleChanged");
    let changes = 0;
    feature.on("capabilitiesChanged", () => {
      changes += 1;
    });

    feature.announce(may("unmuteMic"), "RoleChanged");

    expect(changes).toBe(0);
  });
});

describe("the environment", () => {
  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0 Safari/537.36", "Chrome 141.0.0.0 on Linux"],
    ["Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.1", "Edge 141.1 on Windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18.2 Safari/605", "Safari 18.2 on Mac"],
    ["Mozilla/5.0 (Macintosh) Gecko/20100101 Firefox/140.0", "Firefox 140.0 on Mac"],
    ["Mozilla/5.0 (iPhone; CPU) Version/18.0 Mobile Safari/604.1", "Safari 18.0 on iOS"],
    ["Mozilla/5.0 (Linux; Android 16) Chrome/141.0 Mobile", "Chrome 141.0 on Android"],
    ["curl/8", "Unknown  on Unknown"],
  ])("%s is %s", (userAgent, known) => {
    const { platform, browser, browserVersion } = readEnvironment(userAgent);

    expect(`${browser} ${browserVersion} on ${platform}`).toBe(known);
  });

  test("is supported where the browser has devices and peer connections", async () => {
    const userAgent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0 Safari/537.36";
    vi.stubGlobal("navigator", { userAgent, mediaDevices: {} });
    vi.stubGlobal("RTCPeerConnection", class {});

    const info = await new DebugInfoObject().getEnvironmentInfo();

    expect(info.isSupportedEnvironment).toBe(true);
    expect(info.environment.browser).toBe("Chrome");
  });

  test("is not supported on a page that was not loaded safely", async () => {
    vi.stubGlobal("navigator", { userAgent: "Chrome/141 Linux", mediaDevices: undefined });

    const info = await new DebugInfoObject().getEnvironmentInfo();

    expect(info.isSupportedEnvironment).toBe(false);
  });
});
