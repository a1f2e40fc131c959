/** Roles in words, and what they open. */
import type { ParticipantCapabilities, ParticipantCapability } from "@openrooms/calling";
import { describe, expect, test } from "vitest";
import { permissionsOf, roleChange, roleName } from "../src/sample/roles.js";

const CAPABLE: ParticipantCapability = { isPresent: true, reason: "Capable" };
const RESTRICTED: ParticipantCapability = { isPresent: false, reason: "RoleRestricted" };
const UNKNOWN: ParticipantCapability = { isPresent: false, reason: "FeatureNotSupported" };

function capabilities(three: {
  unmuteMic: ParticipantCapability;
  turnVideoOn: ParticipantCapability;
  shareScreen: ParticipantCapability;
}): ParticipantCapabilities {
  // The rest of the record does not matter to the page.
  return three as ParticipantCapabilities;
}

describe("permissions", () => {
  test("follow the capabilities", () => {
    const given = capabilities({
      unmuteMic: CAPABLE,
      turnVideoOn: CAPABLE,
      shareScreen: RESTRICTED,
    });

    expect(permissionsOf(given)).toEqual({ speak: true, show: true, share: false });
  });

  test("take speaking and showing from a viewer", () => {
    const given = capabilities({
      unmuteMic: RESTRICTED,
      turnVideoOn: RESTRICTED,
      shareScreen: RESTRICTED,
    });

    expect(permissionsOf(given)).toEqual({ speak: false, show: false, share: false });
  });

  test("wait with sharing, and with nothing else, until the role is known", () => {
    const given = capabilities({ unmuteMic: UNKNOWN, turnVideoOn: UNKNOWN, shareScreen: UNKNOWN });

    expect(permissionsOf(given)).toEqual({ speak: true, show: true, share: false });
  });
});

test.each(["Presenter", "Collaborator", "Attendee", "Consumer"])(
  "%s has a name and a sentence",
  (role) => {
    expect(roleName(role)).not.toBe("");
    expect(roleChange(role)).toMatch(/^You are .*: you can /);
  },
);

test("a role that is not known has no name, but its change is told", () => {
  expect(roleName("Unknown")).toBe("");
  expect(roleChange("Organizer")).toBe("Your role in this room has changed.");
});
