/** Answers to `join` as the server gives them. */
import { CAPABILITY_NAMES } from "../../src/features/capability-names.js";

const BY_ROLE: Readonly<Record<string, readonly string[]>> = {
  Presenter: ["turnVideoOn", "unmuteMic", "shareScreen", "muteOthers"],
  /** Calls without roles. */
  Unknown: [
    ...["turnVideoOn", "unmuteMic", "shareScreen", "removeParticipant"],
    ...["addCommunicationUser", "hangUpForEveryOne"],
  ],
  Attendee: ["turnVideoOn", "unmuteMic"],
  Consumer: [],
};

/** What a role may do, by every name. */
export function capabilitiesOf(
  role: string,
): Record<string, { isPresent: boolean; reason: string }> {
  const may = BY_ROLE[role] ?? [];
  return Object.fromEntries(
    CAPABILITY_NAMES.map((name) => [
      name,
      may.includes(name)
        ? { isPresent: true, reason: "Capable" }
        : { isPresent: false, reason: "RoleRestricted" },
    ]),
  );
}

/** An endpoint of somebody. */
export function leg(participantId: string, changes: object = {}): object {
  return {
    participantId,
    rawId: "8:acs:resource_bo",
    displayName: "Bo Chen",
    role: "Attendee",
    state: "connected",
    ...changes,
  };
}

/** A call as the server shows it. */
export function view(role = "Presenter", legs: readonly object[] = []): object {
  return {
    call: {
      callId: "call-1",
      kind: "room",
      roomId: "994",
      groupId: "",
      serverCallId: "server-call-1",
    },
    leg: {
      participantId: "me-1",
      rawId: "8:acs:resource_ada",
      displayName: "Ada",
      role,
      state: "connecting",
      capabilities: capabilitiesOf(role),
    },
    legs,
    features: {
      hands: [],
      spotlights: [],
      mediaAccess: { audio: true, video: true, others: [] },
    },
  };
}

/** The answer to joining a group call. */
export function groupJoined(groupId: string, legs: readonly object[] = []): object {
  const answer = joined("Unknown", legs) as { call: object };
  return { ...answer, call: { ...answer.call, kind: "group", roomId: "", groupId } };
}

/** The answer to `start` and `accept`. */
export function directJoined(legs: readonly object[] = []): object {
  const answer = joined("Unknown", legs) as { call: object };
  return { ...answer, call: { ...answer.call, kind: "direct", roomId: "" } };
}

/** A call that rings, as the server tells it. */
export function ring(participantId = "me-1"): object {
  const call = { callId: "call-1", kind: "direct", roomId: "", groupId: "", serverCallId: "s-1" };
  return { participantId, call, caller: { rawId: "8:acs:resource_bo", displayName: "Bo Chen" } };
}

/** The answer to `join`. */
export function joined(role = "Presenter", legs: readonly object[] = []): object {
  return {
    ...view(role, legs),
    media: { path: "/calling/v1/media", ticket: "ticket-1" },
    next: { path: "/calling/v1/media", ticket: "ticket-2" },
  };
}
