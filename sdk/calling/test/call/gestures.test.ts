/** Hands, spotlights, reactions, media access, and muting others. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Features } from "../../src/features/features.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg } from "../fakes/joined.js";

const ADA = "8:acs:resource_ada";
const BO = { communicationUserId: "8:acs:resource_bo" };
const EVERYTHING = { audio: true, video: true, others: [] };

let bench: Bench;
let call: Call;

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({}, joined("Presenter", [leg("p-1")]));
});

afterEach(async () => {
  await bench.stop();
});

const nameOf = ({ identifier }: { identifier: object }): unknown =>
  Reflect.get(identifier, "rawId");

function tell(changes: object): void {
  const nothing = { hands: [], spotlights: [], mediaAccess: EVERYTHING };
  bench.server.tell("featuresChanged", { callId: "call-1", ...nothing, ...changes });
}

/** What the server is asked while something is done, and answers with yes. */
async function asked(op: string, doing: Promise<void>): Promise<object> {
  const request = await bench.server.next(op);
  request.answer({});
  await doing;
  const { callId, ...fields } = request.fields;
  expect(callId).toBe("call-1");
  return fields;
}

describe("hands", () => {
  test("are raised and lowered by the server", async () => {
    const hands = call.feature(Features.RaiseHand);

    expect(await asked("raiseHand", hands.raiseHand())).toEqual({});
    expect(await asked("lowerHands", hands.lowerHand())).toEqual({ rawIds: [ADA] });
    const bo = { rawIds: [BO.communicationUserId] };
    expect(await asked("lowerHands", hands.lowerHands([BO]))).toEqual(bo);
    expect(await asked("lowerHands", hands.lowerAllHands())).toEqual({ rawIds: null });
  });

  test("are told in their order, and each that goes up or down", async () => {
    const hands = call.feature(Features.RaiseHand);
    const heard: string[] = [];
    hands.on("raisedHandEvent", (change) => heard.push(`up ${nameOf(change)}`));
    hands.on("loweredHandEvent", (change) => heard.push(`down ${nameOf(change)}`));

    tell({ hands: [BO.communicationUserId, ADA] });
    await bench.until(() => heard.length === 2);
    const orders = hands.getRaisedHands().map((one) => [nameOf(one), one.order]);
    tell({ hands: [ADA] });
    await bench.until(() => heard.length === 3);

    expect(orders).toEqual([
      [BO.communicationUserId, 1],
      [ADA, 2],
    ]);
    expect(heard).toEqual([`up ${BO.communicationUserId}`, `up ${ADA}`, "down 8:acs:resource_bo"]);
  });
});

describe("spotlights", () => {
  test("are of oneself when nobody is named", async () => {
    const spotlight = call.feature(Features.Spotlight);

    const own = { rawIds: [ADA] };
    expect(await asked("spotlight", spotlight.startSpotlight())).toEqual({ ...own, on: true });
    expect(await asked("spotlight", spotlight.stopSpotlight())).toEqual({ ...own, on: false });
    const nobody = { rawIds: null, on: false };
    expect(await asked("spotlight", spotlight.stopAllSpotlight())).toEqual(nobody);
    expect(spotlight.maxParticipantsToSpotlight).toBe(7);
  });

  test("that are too many are refused in the words that apps look for", async () => {
    const starting = call.feature(Features.Spotlight).startSpotlight([BO]);
    const refusal = starting.catch((error: unknown) => error);
    (await bench.server.next("spotlight")).refuse(400, 45902);

    expect(await refusal).toMatchObject({
      code: 400,
      subCode: 45902,
      message: expect.stringContaining("7 is the max number of participants that can be Spotl"),
    });
  });

  test("are told with who came and who went", async () => {
    const spotlight = call.feature(Features.Spotlight);
    const changes: unknown[] = [];
    spotlight.on("spotlightChanged", ({ added, removed }) => {
      changes.push([added.map(nameOf), removed.map(nameOf)]);
    });

    tell({ spotlights: [ADA] });
    tell({ spotlights: [BO.communicationUserId] });
    await bench.until(() => changes.length === 2);

    expect(changes).toEqual([
      [[ADA], []],
      [[BO.communicationUserId], [ADA]],
    ]);
    expect(spotlight.getSpotlightedParticipants()).toMatchObject([{ order: 1 }]);
  });
});

test("a reaction is sent, and shown under the raw id of whose it is", async () => {
  const reactions = call.feature(Features.Reaction);
  const heard: unknown[] = [];
  reactions.on("reaction", (event) => heard.push(event));

  const sent = await asked("react", reactions.sendReaction({ reactionType: "heart" }));
  for (const reactionType of ["wave", "heart"]) {
    bench.server.tell("reaction", { callId: "call-1", rawId: ADA, reactionType });
  }
  await bench.until(() => heard.length > 0);

  expect(sent).toEqual({ reactionType: "heart" });
  expect(heard).toEqual([{ identifier: ADA, reactionMessage: { reactionType: "heart" } }]);
});

describe("media access", () => {
  test("is given and taken by the server, of single attendees and of all", async () => {
    const access = call.feature(Features.MediaAccess);
    const bo = { rawIds: [BO.communicationUserId] };

    const said = [
      await asked("mediaAccess", access.forbidAudio([BO])),
      await asked("mediaAccess", access.permitAudio([BO])),
      await asked("mediaAccess", access.forbidVideo([BO])),
      await asked("mediaAccess", access.permitVideo([BO])),
      await asked("mediaAccess", access.forbidOthersAudio()),
      await asked("mediaAccess", access.permitOthersAudio()),
      await asked("mediaAccess", access.forbidOthersVideo()),
      await asked("mediaAccess", access.permitOthersVideo()),
    ];

    expect(said).toEqual([
      { ...bo, audio: false },
      { ...bo, audio: true },
      { ...bo, video: false },
      { ...bo, video: true },
      { rawIds: null, audio: false },
      { rawIds: null, audio: true },
      { rawIds: null, video: false },
      { rawIds: null, video: true },
    ]);
  });

  test("is told for all, and for each", async () => {
    const access = call.feature(Features.MediaAccess);
    const heard: unknown[] = [];
    access.on("meetingMediaAccessChanged", ({ meetingMediaAccess }) => {
      heard.push(meetingMediaAccess);
    });
    access.on("mediaAccessChanged", ({ mediaAccesses }) => heard.push(mediaAccesses.length));

    tell({ mediaAccess: { ...EVERYTHING, audio: false } });
    const bo = { rawId: BO.communicationUserId, audio: true, video: false };
    tell({ mediaAccess: { audio: false, video: true, others: [bo] } });
    await bench.until(() => heard.length === 3);

    expect(heard).toEqual([{ isAudioPermitted: false, isVideoPermitted: true }, 1, 1]);
    expect(access.getAllOthersMediaAccess()).toMatchObject([
      { isAudioPermitted: true, isVideoPermitted: false },
    ]);
  });
});

describe("muting others", () => {
  test("is asked of the server, for one and for all", async () => {
    const [bo] = call.remoteParticipants;

    const one = await asked("mute", bo?.mute() ?? Promise.resolve());
    const all = await asked("mute", call.muteAllRemoteParticipants());

    expect([one, all]).toEqual([{ rawIds: [BO.communicationUserId] }, { rawIds: null }]);
  });

  test("who is muted by others is muted here, and may unmute himself", async () => {
    await bench.until(() => bench.room.sent.length === 1);
    const told: string[] = [];
    call.on("mutedByOthers", () => told.push(`by others, muted ${call.isMuted}`));

    const own = { callId: "call-1", participantId: "me-1", by: BO.communicationUserId };
    bench.server.tell("mutedByOthers", own);
    await bench.until(() => told.length === 1);
    await call.unmute();

    expect(told).toEqual(["by others, muted true"]);
    expect(call.isMuted).toBe(false);
  });
});

test("what only a call that is up can do is refused before and after", async () => {
  await call.hangUp();

  await expect(call.feature(Features.RaiseHand).raiseHand()).rejects.toMatchObject({ code: 412 });
  expect(call.feature(Features.RaiseHand).getRaisedHands()).toEqual([]);
});
