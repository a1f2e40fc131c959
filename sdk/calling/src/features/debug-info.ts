/** What the page runs in, and whether calls work there. */
import type { DebugInfoCallClientFeature, Environment, EnvironmentInfo } from "../api/features.js";

const BROWSERS: readonly (readonly [string, RegExp])[] = [
  // The order matters: most browsers call themselves by the names of others as well.
  ["Edge", /Edg(?:e|A|iOS)?\/([\d.]+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/([\d.]+)/],
  ["Chrome", /(?:Chrome|CriOS)\/([\d.]+)/],
  ["Safari", /Version\/([\d.]+).*Safari/],
];

const PLATFORMS: readonly (readonly [string, RegExp])[] = [
  ["iOS", /iPhone|iPad|iPod/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["Mac", /Mac OS X|Macintosh/],
  ["Linux", /Linux|CrOS/],
];

/** The debug feature of a client. */
export class DebugInfoObject implements DebugInfoCallClientFeature {
  readonly name = "DebugInfo";

  async getEnvironmentInfo(): Promise<EnvironmentInfo> {
    const environment = readEnvironment(navigator.userAgent);
    const isSupportedPlatform = environment.platform !== "Unknown";
    const isSupportedBrowser = environment.browser !== "Unknown";
    const isSupportedBrowserVersion = canCall();
    return {
      environment,
      isSupportedPlatform,
      isSupportedBrowser,
      isSupportedBrowserVersion,
      isSupportedEnvironment:
        isSupportedPlatform && isSupportedBrowser && isSupportedBrowserVersion,
    };
  }
}

/** What a user agent string says. */
export function readEnvironment(userAgent: string): Environment {
  const platform = PLATFORMS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? "Unknown";
  for (const [browser, pattern] of BROWSERS) {
    const found = pattern.exec(userAgent);
    if (found) return { platform, browser, browserVersion: found[1] ?? "" };
  }
  return { platform, browser: "Unknown", browserVersion: "" };
}

/** Whether the browser has what calls need; its version number says less. */
function canCall(): boolean {
  return typeof RTCPeerConnection === "function" && navigator.mediaDevices !== undefined;
}
