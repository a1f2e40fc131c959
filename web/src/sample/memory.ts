/** What the tab remembers over a reload. Closing the tab forgets it. */
import type { CallLink } from "../shared/link.js";

/** The person's choices for microphone and camera. */
export interface Choices {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly cameraId?: string;
  readonly microphoneId?: string;
  readonly speakerId?: string;
}

/** One remembered visit. */
export interface Visit {
  readonly link: CallLink;
  readonly choices: Choices;
  /** Whether the call was on, so that a reload goes straight back into it. */
  readonly inCall: boolean;
}

const KEY = "openrooms.call";

/** Both on, the system's own devices. */
export const DEFAULT_CHOICES: Choices = { microphone: true, camera: true };

/** The visit of this tab, if it had one. */
export function recall(storage: () => Storage): Visit | undefined {
  try {
    const found: unknown = JSON.parse(storage().getItem(KEY) ?? "null");
    return isVisit(found) ? found : undefined;
  } catch {
    // A browser may forbid storage; then a reload asks for the link again.
    return undefined;
  }
}

/** Remember the visit for a reload of this tab. */
export function remember(storage: () => Storage, visit: Visit): void {
  try {
    storage().setItem(KEY, JSON.stringify(visit));
  } catch {
    // As above: the call works, only a reload forgets.
  }
}

function isVisit(found: unknown): found is Visit {
  if (!isRecord(found) || !isRecord(found["link"]) || !isRecord(found["choices"])) return false;
  const { roomId, token, name } = found["link"];
  return (
    typeof roomId === "string" &&
    typeof token === "string" &&
    typeof name === "string" &&
    typeof found["choices"]["microphone"] === "boolean" &&
    typeof found["choices"]["camera"] === "boolean" &&
    typeof found["inCall"] === "boolean"
  );
}

function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === "object" && found !== null;
}
