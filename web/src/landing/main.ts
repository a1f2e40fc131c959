/** The landing page: what this server says of itself, filled in from where it was opened. */
import "../shared/base.css";
import "./landing.css";
import { element } from "../shared/dom.js";
import { icon } from "../shared/icons.js";
import { DOCUMENTS } from "./documents.js";
import { healthOf, installLine, tarballUrl } from "./words.js";

const PATIENCE = 5000;
const COPIED_FOR = 2000;

function part(testid: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
  if (found === null) throw new Error(`The page has no part ${testid}`);
  return found;
}

async function showHealth(): Promise<void> {
  const { state, words } = healthOf(await askHealth());
  const place = part("health");
  place.dataset["state"] = state;
  place.textContent = words;
}

async function askHealth(): Promise<number | undefined> {
  try {
    const answer = await fetch("/health", {
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return answer.status;
  } catch {
    return undefined;
  }
}

function showInstall(): void {
  showPackage("", __SDK_FILE__);
  showPackage("-effects", __EFFECTS_FILE__);
}

/** Fill in the line of one package; the marks of its parts end in `suffix`. */
function showPackage(suffix: string, file: string): void {
  const place = part(`install${suffix}`);
  place.textContent = installLine(location.origin, file);
  const link = element("a", { href: tarballUrl(location.origin, file) }, file);
  part(`tarball${suffix}`).replaceChildren(link);
  const button = part(`copy${suffix}`);
  faceCopy(button, false);
  button.addEventListener("click", () => void copy(place, button));
}

async function copy(place: HTMLElement, button: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(place.textContent ?? "");
  } catch {
    // Not allowed here: select the line instead, so that the keyboard can copy it.
    window.getSelection()?.selectAllChildren(place);
    return;
  }
  faceCopy(button, true);
  setTimeout(() => faceCopy(button, false), COPIED_FOR);
}

function faceCopy(button: HTMLElement, done: boolean): void {
  const label = done ? "Copied" : "Copy the line";
  button.replaceChildren(icon(done ? "check" : "copy"));
  button.setAttribute("aria-label", label);
  button.title = label;
}

function showDocuments(): void {
  const items = DOCUMENTS.map(({ title, url }) =>
    element("li", {}, element("a", { href: url }, title)),
  );
  part("docs").replaceChildren(...items);
}

showInstall();
showDocuments();
void showHealth();
