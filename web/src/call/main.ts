/** The call page starts here: read the link, clear the address bar, know the name, begin the stay. */
import "../shared/base.css";
import "../shared/message.css";
import "./call.css";
import { EndedView } from "../shared/ended.js";
import { isUnreachable, type Reason, reasonFor } from "../shared/reasons.js";
import { explainSilence } from "../shared/silence.js";
import { brokenLink, codeOf, surroundings, unsupported } from "../shared/troubles.js";
import { EntryView } from "./entry.js";
import { type InvitationReading, readInvitation } from "./invitation.js";
import { Page } from "./page.js";
import { expectPicturesToGo, keepFontsLocal } from "./quiet.js";
import type { Stay } from "./stay.js";
import { recall, remember, type Visit } from "./visit.js";
import { WaitingView } from "./waiting.js";

const storage = (): Storage => window.sessionStorage;

/** Take the link out of the address: nothing of it may stay in the bar or in the history. */
function takeLink(): InvitationReading {
  const reading = readInvitation(location.hash);
  if (reading.kind !== "none") history.replaceState(null, "", location.pathname);
  return reading;
}

/** The visit that the address or this tab's memory names, or why there is none. */
function findVisit(): Visit | Reason {
  const reading = takeLink();
  if (reading.kind === "broken") return brokenLink(reading.missing);
  if (reading.kind === "invitation") {
    return { invitation: reading.invitation, inCall: false, microphone: false, camera: false };
  }
  const known = recall(storage);
  if (known === undefined) return brokenLink("everything");
  return { ...known, inCall: known.inCall && wasReloaded() };
}

/** A copy of a tab has the same memory, but must not walk into the call by itself. */
function wasReloaded(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return entry instanceof PerformanceNavigationTiming && entry.type === "reload";
}

/** One visit: the name, the stay, or why there can be none. */
class Reception {
  private _stay: Stay | undefined;
  private _gone = false;

  constructor(
    private readonly _page: Page,
    private _visit: Visit,
  ) {}

  /** Ask for what is missing, then open the stay. */
  receive(): void {
    this._keep({});
    if (this._visit.invitation.name !== "") void this._open();
    else this._page.show(new EntryView((name) => this._enter(name)), "ready");
  }

  /** The page goes away, or another link takes its place. */
  goAway(): void {
    this._gone = true;
    this._stay?.dispose();
  }

  private _enter(name: string): void {
    this._keep({ invitation: { ...this._visit.invitation, name } });
    void this._open();
  }

  private async _open(): Promise<void> {
    this._page.show(new WaitingView("Preparing the call…"), "loading");
    try {
      const { openStay } = await import("./stay.js");
      const stay = await openStay(this._visit, {
        phase: (phase, end) => this._page.tell(phase, end),
        keep: (how) => this._keep(how),
      });
      this._stay = stay;
      if (this._gone) stay.dispose();
      else this._page.show(stay, "ready");
    } catch (error) {
      await this._refuse(error);
    }
  }

  private async _refuse(error: unknown): Promise<void> {
    const end = codeOf(error);
    const reason = isUnreachable(end) ? await explainSilence() : reasonFor(end);
    const again = (): void => void this._open();
    this._page.show(new EndedView({ reason, end, again }), "ended", end);
  }

  private _keep(changed: Partial<Visit>): void {
    if (this._gone) return;
    this._visit = { ...this._visit, ...changed };
    remember(storage, this._visit);
  }
}

/** Another link opened in this tab, or the page brought back from the cache: begin anew. */
function watchAddress(reception: Reception | undefined): void {
  window.addEventListener("hashchange", () => {
    if (readInvitation(location.hash).kind === "none") return;
    reception?.goAway();
    location.reload();
  });
  window.addEventListener("pagehide", () => reception?.goAway());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

function start(host: HTMLElement): void {
  const page = new Page(host);
  const found = findVisit();
  const obstacle = unsupported(surroundings(), location.origin);
  const reason = obstacle ?? ("invitation" in found ? undefined : found);
  keepFontsLocal();
  expectPicturesToGo();
  if (reason !== undefined || !("invitation" in found)) {
    page.show(new EndedView({ reason: reason ?? brokenLink("everything") }), "ended");
    watchAddress(undefined);
    return;
  }
  const reception = new Reception(page, found);
  watchAddress(reception);
  reception.receive();
}

const host = document.getElementById("page");
if (host !== null) start(host);
