/** Meeting under a group id instead of in a room. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { capabilitiesOf, groupJoined, joined } from "../fakes/joined.js";

const GROUP = "0F5F4A6E-5D2C-4F0B-9D3A-0E2C9F1B7A55";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

test("a group call is joined by its id, and has no room and no role", async () => {
  const call = bench.agent.join({ groupId: GROUP });
  const request = await bench.server.next("join");
  request.answer(groupJoined(GROUP.toLowerCase()));
  await bench.up(1);

  expect(request.fields["groupId"]).toBe(GROUP.toLowerCase());
  expect(request.fields).not.toHaveProperty("roomId");
  expect(call.state).toBe("Connected");
  expect([call.info.groupId, call.info.roomId]).toEqual([GROUP.toLowerCase(), undefined]);
  expect(call.role).toBe("Unknown");
});

test.each([["g"], [""], [`${GROUP}0`], [` ${GROUP}`], [GROUP.replace(/-/g, "")], [7], [null]])(
  "%j is no group id: the SDK refuses it before it asks anybody",
  async (groupId) => {
    // What untyped apps pass.
    const locator = { groupId } as { groupId: string };

    expect(() => bench.agent.join(locator)).toThrow(
      expect.objectContaining({ code: 400, subCode: 10044 }),
    );
    expect(bench.agent.calls).toEqual([]);
    expect(bench.server.requests.map(({ op }) => op)).toEqual(["hello"]);
  },
);

test("a room and a group at once are no place to join", () => {
  const locator = { roomId: "994", groupId: GROUP };

  expect(() => bench.agent.join(locator)).toThrow(expect.objectContaining({ code: 400 }));
});

test("a group that the agent is in already is refused, however its id is written", () => {
  bench.agent.join({ groupId: GROUP });

  expect(() => bench.agent.join({ groupId: GROUP.toLowerCase() })).toThrow(
    expect.objectContaining({ code: 409 }),
  );
});

test("capabilities change for the reason that the server names", async () => {
  const call = await bench.connect({}, joined("Attendee"));
  const reasons: string[] = [];
  call.feature(Features.Capabilities).on("capabilitiesChanged", ({ reason }) => {
    reasons.push(reason);
  });

  for (const [role, reason] of [
    ["Presenter", "RoleChanged"],
    ["Consumer", "MeetingOptionOrOrganizerPolicyChanged"],
  ] as const) {
    const own = { callId: "call-1", participantId: "me-1", role, reason };
    bench.server.tell("roleChanged", { ...own, capabilities: capabilitiesOf(role) });
  }
  await bench.until(() => reasons.length === 2);

  expect(reasons).toEqual(["RoleChanged", "MeetingOptionOrOrganizerPolicyChanged"]);
});
