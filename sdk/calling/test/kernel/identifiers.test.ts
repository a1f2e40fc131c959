/** Identifiers as apps and the common package know them. */
import { getIdentifierRawId } from "@azure/communication-common";
import { expect, test } from "vitest";
import { identifierOf } from "../../src/kernel/identifiers.js";

test("a user of ours is of the kind communicationUser, with its raw id", () => {
  const identifier = identifierOf("8:acs:resource_ada");

  expect(identifier).toEqual({
    kind: "communicationUser",
    communicationUserId: "8:acs:resource_ada",
    rawId: "8:acs:resource_ada",
  });
});

test("a phone number is of the kind phoneNumber", () => {
  const identifier = identifierOf("4:+4930123456");

  expect(identifier).toMatchObject({ kind: "phoneNumber", phoneNumber: "+4930123456" });
});

test("anything else is unknown", () => {
  expect(identifierOf("28:echo")).toEqual({ kind: "unknown", id: "28:echo" });
});

test.each(["8:acs:resource_ada", "4:+4930123456", "28:echo"])(
  "the common package gives the raw id of %s back",
  (rawId) => {
    expect(getIdentifierRawId(identifierOf(rawId))).toBe(rawId);
  },
);

test("each identifier is a new object: an app may freeze it", () => {
  Object.freeze(identifierOf("8:acs:resource_ada"));

  expect(Object.isFrozen(identifierOf("8:acs:resource_ada"))).toBe(false);
});
