/** The sample of the SDK starts here: read the link, clear the address bar, begin the visit. */
import "../shared/base.css";
import "./sample.css";
import { EndedView } from "../shared/ended.js";
import { type CallLink, type LinkReading, readLink } from "../shared/link.js";
import type { Reason } from "../shared/reasons.js";
import { brokenLink, surroundings, unsupported } from "../shared/troubles.js";
import { DEFAULT_CHOICES, recall, remember, type Visit } from "./memory.js";
import { CallPage } from "./page.js";
import { Shell } from "./shell.js";

const storage = (): Storage => window.sessionStorage;

const keep = (visit: Visit): void => remember(storage, visit);

/** Take the link out of the address: nothing of it may stay in the bar or in the history. */
function takeLink(): LinkReading {
  const reading = readLink(location.hash);
  if (reading.kind !== "none") history.replaceState(null, "", location.pathname);
  return reading;
}

/** The visit that the address or this tab's memory names, or why there is none. */
function findVisit(): Visit | Reason {
  const reading = takeLink();
  if (reading.kind === "broken") return brokenLink(reading.missing);
  if (reading.kind === "link") return firstVisit(reading.link);
  const known = recall(storage);
  if (known === undefined) return brokenLink("everything");
  return { ...known, inCall: known.inCall && wasReloaded() };
}

function firstVisit(link: CallLink): Visit {
  const visit: Visit = { link, choices: DEFAULT_CHOICES, inCall: false };
  keep(visit);
  return visit;
}

/** A copy of a tab has the same memory, but must not walk into the call by itself. */
function wasReloaded(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "reload";
}

/** Another link opened in this tab, or the page brought back from the cache: begin anew. */
function watchAddress(shell: Shell, page: () => CallPage | undefined): void {
  window.addEventListener("hashchange", () => {
    const reading = takeLink();
    if (reading.kind === "broken") shell.announcer.warn(brokenLink(reading.missing).text);
    if (reading.kind !== "link") return;
    page()?.goAway();
    firstVisit(reading.link);
    location.reload();
  });
  window.addEventListener("pagehide", () => page()?.goAway());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

async function start(host: HTMLElement): Promise<void> {
  const shell = new Shell(host);
  let page: CallPage | undefined;
  watchAddress(shell, () => page);
  const found = findVisit();
  const obstacle = unsupported(surroundings(), location.origin);
  if (obstacle !== undefined) shell.show(new EndedView({ reason: obstacle }), "ended");
  else if ("link" in found) page = await CallPage.open(shell, found, keep);
  else shell.show(new EndedView({ reason: found }), "ended");
}

const host = document.getElementById("page");
if (host !== null) void start(host);
