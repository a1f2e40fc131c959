/** The messages of the agent socket as values. What does not have its shape is no message. */
import type { CallEnding } from "../api/call.js";
import type {
  CapabilitiesChangedReason,
  CapabilityResolutionReason,
  ParticipantCapabilities,
  ParticipantCapability,
} from "../api/features.js";
import type { ParticipantRole } from "../api/participants.js";
import type { CustomContext } from "../api/phones.js";
import { CAPABILITY_NAMES, NOTHING_YET } from "../features/capability-names.js";
import {
  type Fields,
  fieldsOf,
  isFields,
  listOf,
  numberOf,
  parseJson,
  textOf,
} from "../kernel/values.js";
import { readContext } from "./context.js";
import { readTold, type Told } from "./diagnostics.js";
import { type Gestures, readGestures } from "./gestures.js";
import { type MediaAddress, readMedia } from "./media-address.js";
import { readWritten, type Written } from "./written.js";

/** Why the server refused something or ended a call. */
export interface Verdict {
  readonly code: number;
  readonly subCode: number;
  readonly message: string;
}

/** How far an endpoint is. */
export type LegState = "ringing" | "connecting" | "connected" | "hold" | "reconnecting";

/** One endpoint of somebody in a call. */
export interface Leg {
  readonly participantId: string;
  readonly rawId: string;
  readonly displayName: string;
  readonly role: ParticipantRole;
  readonly state: LegState;
}

/** The own endpoint. */
export interface OwnLeg extends Leg {
  readonly capabilities: ParticipantCapabilities;
}

/** How a call came to be. */
export type CallOrigin = "room" | "group" | "direct";

/** A call as the server names it. */
export interface CallNames {
  readonly kind: CallOrigin;
  readonly callId: string;
  readonly roomId: string;
  readonly groupId: string;
  readonly serverCallId: string;
}

/** A call as it is now. */
export interface CallView {
  readonly call: CallNames;
  readonly leg: OwnLeg;
  /** The other endpoints whose media is up. */
  readonly legs: readonly Leg[];
  readonly gestures: Gestures;
  /** When the call will end by time; undefined where nobody was told of an end. */
  readonly ending?: CallEnding | undefined;
}

/** The answer to `join`. */
export interface Joined extends CallView {
  readonly media: MediaAddress;
  /** What will open the media of the call that is entered next, if the server told. */
  readonly next: MediaAddress | undefined;
}

/** The answer to `hello`. */
export interface Welcome {
  readonly agentId: string;
  readonly rawId: string;
  /** What will open the media of the call that is entered first, if the server told. */
  readonly next: MediaAddress | undefined;
}

/** Somebody calls the own user. */
export interface Ring {
  /** The own endpoint to be, which `accept` takes. */
  readonly participantId: string;
  readonly call: CallNames;
  readonly caller: { readonly rawId: string; readonly displayName: string };
  readonly context: CustomContext | undefined;
}

/** What the own endpoint is and may from now on, and what made it so. */
export interface RoleNews {
  readonly role: ParticipantRole;
  readonly capabilities: ParticipantCapabilities;
  readonly reason: CapabilitiesChangedReason;
}

/** What the server tells without being asked. */
export type ServerEvent =
  | Written
  | { readonly event: "tokenExpiring" }
  | ({ readonly event: "signedOut" } & Verdict)
  | ({ readonly event: "snapshot" } & CallView)
  | {
      readonly event: "legsChanged";
      readonly callId: string;
      readonly changed: readonly Leg[];
      readonly removed: readonly string[];
      /** Why those of the removed are gone who were called and never came. */
      readonly ends: ReadonlyMap<string, Verdict>;
    }
  | ({ readonly event: "incoming" } & Ring)
  | ({ readonly event: "incomingEnded"; readonly participantId: string } & Verdict)
  | ({
      readonly event: "roleChanged";
      readonly callId: string;
      readonly participantId: string;
    } & RoleNews)
  | {
      readonly event: "featuresChanged";
      readonly callId: string;
      readonly gestures: Gestures;
    }
  | {
      readonly event: "reaction";
      readonly callId: string;
      readonly rawId: string;
      readonly reactionType: string;
    }
  | ({ readonly event: "diagnostics"; readonly callId: string } & Told)
  | { readonly event: "mutedByOthers"; readonly callId: string; readonly participantId: string }
  | {
      readonly event: "ending";
      readonly callId: string;
      readonly ending: CallEnding | undefined;
    }
  | ({
      readonly event: "ended";
      readonly callId: string;
      readonly participantId: string;
    } & Verdict);

/** One message from the server. */
export type Incoming =
  | { readonly kind: "answer"; readonly id: number; readonly ok: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly why: Verdict }
  | { readonly kind: "event"; readonly event: ServerEvent };

/** A text frame as a message; undefined for what is unknown or has not its shape. */
export function readMessage(text: string): Incoming | undefined {
  const message = parseJson(text);
  if (!isFields(message)) return undefined;
  const id = numberOf(message, "id");
  if (id === undefined) {
    const event = readEvent(message);
    return event && { kind: "event", event };
  }
  const error = fieldsOf(message, "error");
  if (error !== undefined) return { kind: "refusal", id, why: readVerdict(error) };
  return "ok" in message ? { kind: "answer", id, ok: message["ok"] } : undefined;
}

/** The code, sub code and words of a refusal; -1 where the server named no number. */
export function readVerdict(fields: Fields): Verdict {
  return {
    code: numberOf(fields, "code") ?? -1,
    subCode: numberOf(fields, "subCode") ?? -1,
    message: textOf(fields, "message") ?? "",
  };
}

/** The answer to `hello`. */
export function readWelcome(value: unknown): Welcome | undefined {
  if (!isFields(value)) return undefined;
  const agentId = textOf(value, "agentId");
  const rawId = textOf(value, "rawId");
  return agentId && rawId ? { agentId, rawId, next: readMedia(value, "next") } : undefined;
}

/** The answer to `join`. */
export function readJoined(value: unknown): Joined | undefined {
  if (!isFields(value)) return undefined;
  const view = readView(value);
  const media = readMedia(value, "media");
  if (!view || !media) return undefined;
  return { ...view, media, next: readMedia(value, "next") };
}

function readEvent(message: Fields): ServerEvent | undefined {
  switch (message["event"]) {
    case "tokenExpiring":
      return { event: "tokenExpiring" };
    case "signedOut":
      return { event: "signedOut", ...readVerdict(message) };
    case "snapshot": {
      const view = readView(message);
      return view && { event: "snapshot", ...view };
    }
    case "incoming":
      return readRing(message);
    case "incomingEnded": {
      const participantId = textOf(message, "participantId") ?? "";
      return { event: "incomingEnded", participantId, ...readVerdict(message) };
    }
    default:
      return readCallEvent(message);
  }
}

function readRing(message: Fields): ServerEvent | undefined {
  const participantId = textOf(message, "participantId");
  const call = fieldsOf(message, "call");
  const callId = call && textOf(call, "callId");
  const caller = fieldsOf(message, "caller");
  const rawId = caller && textOf(caller, "rawId");
  if (!participantId || !call || !callId || !caller || !rawId) return undefined;
  const named = { rawId, displayName: textOf(caller, "displayName") ?? "" };
  const context = readContext(message);
  return {
    event: "incoming",
    participantId,
    call: readNames(call, callId),
    caller: named,
    context,
  };
}

function readCallEvent(message: Fields): ServerEvent | undefined {
  const callId = textOf(message, "callId");
  if (!callId) return undefined;
  switch (message["event"]) {
    case "legsChanged":
      return {
        event: "legsChanged",
        callId,
        changed: readLegs(message, "changed"),
        removed: readIds(message),
        ends: readEnds(message),
      };
    case "roleChanged": {
      const participantId = textOf(message, "participantId") ?? "";
      return { event: "roleChanged", callId, participantId, ...readNews(message) };
    }
    case "featuresChanged":
      return { event: "featuresChanged", callId, gestures: readGestures(message) };
    case "reaction": {
      const rawId = textOf(message, "rawId") ?? "";
      return {
        event: "reaction",
        callId,
        rawId,
        reactionType: textOf(message, "reactionType") ?? "",
      };
    }
    case "diagnostics":
      return { event: "diagnostics", callId, ...readTold(message) };
    case "mutedByOthers":
      return {
        event: "mutedByOthers",
        callId,
        participantId: textOf(message, "participantId") ?? "",
      };
    case "ending":
      return { event: "ending", callId, ending: readEnding(message) };
    case "ended": {
      const participantId = textOf(message, "participantId") ?? "";
      return { event: "ended", callId, participantId, ...readVerdict(message) };
    }
    default:
      return readWritten(message, callId);
  }
}

function readView(fields: Fields): CallView | undefined {
  const call = fieldsOf(fields, "call");
  const own = fieldsOf(fields, "leg");
  const leg = own && readLeg(own);
  const callId = call && textOf(call, "callId");
  if (!call || !callId || !own || !leg) return undefined;
  return {
    call: readNames(call, callId),
    leg: { ...leg, capabilities: readCapabilities(own) },
    legs: readLegs(fields, "legs"),
    gestures: readGestures(fieldsOf(fields, "features") ?? {}),
    ending: readEnding(fieldsOf(fields, "ending") ?? {}),
  };
}

const ORIGINS: readonly CallOrigin[] = ["room", "group", "direct"];

function readNames(call: Fields, callId: string): CallNames {
  return {
    callId,
    kind: ORIGINS.find((origin) => origin === call["kind"]) ?? "room",
    roomId: textOf(call, "roomId") ?? "",
    groupId: textOf(call, "groupId") ?? "",
    serverCallId: textOf(call, "serverCallId") ?? "",
  };
}

function readEnding(fields: Fields): CallEnding | undefined {
  const at = new Date(textOf(fields, "at") ?? "");
  return Number.isNaN(at.getTime()) ? undefined : { at, reason: textOf(fields, "reason") ?? "" };
}

function readLegs(fields: Fields, key: string): Leg[] {
  return listOf(fields, key).flatMap((one) => (isFields(one) ? (readLeg(one) ?? []) : []));
}

function readIds(fields: Fields): string[] {
  return listOf(fields, "removed").filter((one): one is string => typeof one === "string");
}

function readEnds(message: Fields): ReadonlyMap<string, Verdict> {
  const ends = Object.entries(fieldsOf(message, "ends") ?? {});
  return new Map(ends.flatMap(([id, why]) => (isFields(why) ? [[id, readVerdict(why)]] : [])));
}

function readLeg(fields: Fields): Leg | undefined {
  const participantId = textOf(fields, "participantId");
  const rawId = textOf(fields, "rawId");
  if (!participantId || !rawId) return undefined;
  const displayName = textOf(fields, "displayName") ?? "";
  return { participantId, rawId, displayName, role: readRole(fields), state: readState(fields) };
}

const STATES: readonly LegState[] = ["ringing", "connecting", "connected", "hold", "reconnecting"];

function readState(fields: Fields): LegState {
  return STATES.find((state) => state === fields["state"]) ?? "connected";
}

const ROLES: readonly ParticipantRole[] = [
  "Attendee",
  "Presenter",
  "Organizer",
  "Co-organizer",
  "Consumer",
  "Collaborator",
];

function readRole(fields: Fields): ParticipantRole {
  return ROLES.find((role) => role === fields["role"]) ?? "Unknown";
}

function readNews(fields: Fields): RoleNews {
  const reason = CHANGES.find((known) => known === fields["reason"]) ?? "RoleChanged";
  return { role: readRole(fields), capabilities: readCapabilities(fields), reason };
}

const CHANGES: readonly CapabilitiesChangedReason[] = [
  "RoleChanged",
  "UserPolicyChanged",
  "MeetingOptionOrOrganizerPolicyChanged",
  "TeamsPremiumLicenseChanged",
];

function readCapabilities(fields: Fields): ParticipantCapabilities {
  const sent = fieldsOf(fields, "capabilities") ?? {};
  const read = { ...NOTHING_YET };
  for (const name of CAPABILITY_NAMES) {
    const one = fieldsOf(sent, name);
    if (one !== undefined) read[name] = readCapability(one);
  }
  return read;
}

function readCapability(fields: Fields): ParticipantCapability {
  const isPresent = fields["isPresent"] === true;
  const fallback: CapabilityResolutionReason = isPresent ? "Capable" : "NotCapable";
  const reason = REASONS.find((known) => known === fields["reason"]) ?? fallback;
  return { isPresent, reason };
}

const REASONS: readonly CapabilityResolutionReason[] = [
  "Capable",
  "CapabilityNotApplicableForTheCallType",
  "ClientRestricted",
  "UserPolicyRestricted",
  "RoleRestricted",
  "FeatureNotSupported",
  "MeetingRestricted",
  "NotInitialized",
  "NotCapable",
  "TeamsPremiumLicenseRestricted",
  "IpModeUserPolicyRestricted",
  "ExplicitConsentRequired",
];
