/** What a link invites to: a room, a group call, or to call somebody. All of it is in the fragment. */
import { readLink } from "../shared/link.js";

/** Where the call takes place, or whom it is to reach. */
export type Meeting =
  | { readonly kind: "room"; readonly roomId: string }
  | { readonly kind: "group"; readonly groupId: string }
  | { readonly kind: "direct"; readonly callees: readonly string[] };

/** One link, understood. */
export interface Invitation {
  readonly meeting: Meeting;
  readonly token: string;
  /** Empty when the link has none: then the page asks for it. */
  readonly name: string;
}

/** What was found behind the `#`. */
export type InvitationReading =
  | { readonly kind: "invitation"; readonly invitation: Invitation }
  | { readonly kind: "none" }
  | { readonly kind: "broken"; readonly missing: "room" | "token" };

const MOST_CALLEES = 20;

/** Read `#room=…`, `#group=…` or `#callee=…` (once for each), with `&token=…&name=…`. */
export function readInvitation(fragment: string): InvitationReading {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const other = otherMeeting(fields);
  // A group or callees take the room's place; all the rest is read as in a room's link.
  if (other !== undefined) fields.set("room", other.kind);
  const reading = readLink(other === undefined ? fragment : fields.toString());
  if (reading.kind !== "link") return reading;
  const { roomId, token, name } = reading.link;
  const meeting = other ?? { kind: "room", roomId };
  return { kind: "invitation", invitation: { meeting, token, name } };
}

/** The fragment that says the same. */
export function writeInvitation({ meeting, token, name }: Invitation): string {
  const fields = new URLSearchParams({ token, name });
  if (meeting.kind === "room") fields.set("room", meeting.roomId);
  if (meeting.kind === "group") fields.set("group", meeting.groupId);
  if (meeting.kind === "direct") {
    for (const callee of meeting.callees) fields.append("callee", callee);
  }
  return fields.toString();
}

function otherMeeting(fields: URLSearchParams): Meeting | undefined {
  if (fields.has("room")) return undefined;
  const groupId = (fields.get("group") ?? "").trim();
  if (groupId !== "") return { kind: "group", groupId };
  const callees = fields
    .getAll("callee")
    .map((callee) => callee.trim())
    .filter((callee) => callee !== "");
  if (callees.length === 0) return undefined;
  return { kind: "direct", callees: callees.slice(0, MOST_CALLEES) };
}
