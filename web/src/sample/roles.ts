/** What the roles of a room mean, in words, and which tools they open. */

import type { ParticipantCapabilities, ParticipantCapability } from "@openrooms/calling";

/** What somebody may do in the call. */
export interface Permissions {
  readonly speak: boolean;
  readonly show: boolean;
  readonly share: boolean;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ["Presenter", "Presenter"],
  ["Collaborator", "Collaborator"],
  ["Attendee", "Attendee"],
  ["Consumer", "Viewer"],
]);

const CHANGES: ReadonlyMap<string, string> = new Map([
  ["Presenter", "You are a presenter now: you can speak, show your camera and share your screen."],
  [
    "Collaborator",
    "You are a collaborator now: you can speak, show your camera and share your screen.",
  ],
  ["Attendee", "You are an attendee now: you can speak and show your camera."],
  [
    "Consumer",
    "You are a viewer now: you can watch and listen. Your camera and microphone are off.",
  ],
]);

/** The word for a role; empty while it is not known. */
export function roleName(role: string): string {
  return NAMES.get(role) ?? "";
}

/** The sentence for a role that has changed. */
export function roleChange(role: string): string {
  return CHANGES.get(role) ?? "Your role in this room has changed.";
}

/** What the call allows. What is not known yet is not taken away, only never offered: sharing. */
export function permissionsOf(capabilities: ParticipantCapabilities): Permissions {
  const { unmuteMic, turnVideoOn, shareScreen } = capabilities;
  return {
    speak: unmuteMic.isPresent || isUnknown(unmuteMic),
    show: turnVideoOn.isPresent || isUnknown(turnVideoOn),
    share: shareScreen.isPresent,
  };
}

function isUnknown(capability: ParticipantCapability): boolean {
  return (
    !capability.isPresent && ["FeatureNotSupported", "NotInitialized"].includes(capability.reason)
  );
}
