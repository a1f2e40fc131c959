/** Links to the call page: rooms, group calls, calls to somebody. */
import { describe, expect, test } from "vitest";
import { type Invitation, readInvitation, writeInvitation } from "../src/call/invitation.js";

const GROUP = "11111111-2222-4333-8444-555555555555";
const CALLEE = "8:acs:11111111-2222-4333-8444-555555555555_11111111-2222-4333-8444-555555555556";

function read(fragment: string): Invitation {
  const reading = readInvitation(fragment);
  if (reading.kind !== "invitation") throw new Error(reading.kind);
  return reading.invitation;
}

describe("a link to the call page", () => {
  test("with a room invites to the room", () => {
    expect(read("#room=99&token=t&name=Bo%20Chen")).toEqual({
      meeting: { kind: "room", roomId: "99" },
      token: "t",
      name: "Bo Chen",
    });
  });

  test("with a group invites to the group call", () => {
    expect(read(`#group=${GROUP}&token=t`).meeting).toEqual({ kind: "group", groupId: GROUP });
  });

  test("with callees calls each of them", () => {
    expect(read(`#callee=${CALLEE}&callee=8%3Aacs%3Ab&token=t`).meeting).toEqual({
      kind: "direct",
      callees: [CALLEE, "8:acs:b"],
    });
  });

  test("that names a room is about that room alone", () => {
    expect(read(`#room=99&group=${GROUP}&callee=${CALLEE}&token=t`).meeting.kind).toBe("room");
  });

  test("without a token is broken, whatever it invites to", () => {
    expect(readInvitation(`#group=${GROUP}`)).toEqual({ kind: "broken", missing: "token" });
  });

  test("with an empty group is broken as one without a room", () => {
    expect(readInvitation("#group=&token=t")).toEqual({ kind: "broken", missing: "room" });
  });

  test("that names nothing is no link", () => {
    expect(readInvitation("#part-of-a-page")).toEqual({ kind: "none" });
  });

  test("calls twenty people at most", () => {
    const many = Array.from({ length: 30 }, (_, at) => `callee=8:acs:${at}`).join("&");
    const { meeting } = read(`#${many}&token=t`);
    expect(meeting.kind === "direct" && meeting.callees.length).toBe(20);
  });

  test.each([
    "#room=99&token=t&name=Bo",
    `#group=${GROUP}&token=a.b-c&name=`,
    `#callee=${CALLEE}&callee=8:acs:b&token=t&name=%E2%9C%93%26`,
  ])("says the same when it is written anew: %s", (fragment) => {
    expect(read(writeInvitation(read(fragment)))).toEqual(read(fragment));
  });
});
