/** What the page runs in, and whether calls work there. */
import type {
  DebugInfoCallClientFeature,
  DebugInfoFeatureEvents,
  Environment,
  EnvironmentInfo,
} from "../api/features.js";
import type { Cancel } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { browserTabs, OtherTabs } from "./other-tabs.js";

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

/** The debug feature of a client. Its data are its own properties: apps copy those. */
export class DebugInfoObject
  extends Emitter<DebugInfoFeatureEvents>
  implements DebugInfoCallClientFeature
{
  readonly name = "DebugInfo";
  isCallClientActiveInAnotherTab = false;
  private readonly _tabs: OtherTabs | undefined;

  constructor(needs = browserTabs()) {
    super();
    this._tabs = needs && new OtherTabs(needs, (isAnother) => this._tell(isAnother));
  }

  /** Calls are at work in this tab, until taken back. */
  activate(): Cancel {
    return this._tabs?.activate() ?? (() => undefined);
  }

  dispose(): void {
    this._tabs?.close();
  }

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

  private _tell(isAnother: boolean): void {
    this.isCallClientActiveInAnotherTab = isAnother;
    this.emit("isCallClientActiveInAnotherTabChanged");
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
