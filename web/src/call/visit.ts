/** What the tab remembers over a reload: the invitation, and how the call was. */
import { type Invitation, readInvitation, writeInvitation } from "./invitation.js";

/** One remembered visit. */
export interface Visit {
  readonly invitation: Invitation;
  /** Whether the call was on, so that a reload goes straight back into it. */
  readonly inCall: boolean;
  /** How microphone and camera were in the call; they are so again after a reload. */
  readonly microphone: boolean;
  readonly camera: boolean;
}

const KEY = "openrooms.visit";

/** The visit of this tab, if it had one. */
export function recall(storage: () => Storage): Visit | undefined {
  try {
    return understand(JSON.parse(storage().getItem(KEY) ?? "null"));
  } catch {
    // A browser may forbid storage; then a reload asks for the link again.
    return undefined;
  }
}

/** Remember the visit for a reload of this tab. */
export function remember(storage: () => Storage, visit: Visit): void {
  try {
    const kept = { ...visit, invitation: writeInvitation(visit.invitation) };
    storage().setItem(KEY, JSON.stringify(kept));
  } catch {
    // As above: the call works, only a reload forgets.
  }
}

function understand(found: unknown): Visit | undefined {
  const fields = new Map(Object.entries(found ?? {}));
  const kept: unknown = fields.get("invitation");
  const reading = readInvitation(typeof kept === "string" ? kept : "");
  if (reading.kind !== "invitation") return undefined;
  const is = (name: string): boolean => fields.get(name) === true;
  return {
    invitation: reading.invitation,
    inCall: is("inCall"),
    microphone: is("microphone"),
    camera: is("camera"),
  };
}
