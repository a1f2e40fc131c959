/** Features that no server of this version carries: the right shape, and never a pretence. */
import { describe, expect, test } from "vitest";
import type { CallFeature, CallFeatureFactory } from "../../src/api/features.js";
import { CallFeatures } from "../../src/features/call-features.js";
import { Features } from "../../src/features/features.js";
import { CommunicationServicesError } from "../../src/kernel/errors.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { ManualClock } from "../fakes/clock.js";

function features(): CallFeatures {
  return new CallFeatures({
    ask: async () => undefined,
    deliver: async () => undefined,
    handIn: async () => undefined,
    isUp: () => false,
    ownId: () => "8:acs:resource_ada",
    people: () => [],
    clock: new ManualClock(),
    meter: { add: () => () => undefined },
    streamIds: () => undefined,
    callId: () => "call-1",
    participantId: () => undefined,
  });
}

const ofCalls: CallFeatureFactory<CallFeature>[] = Object.values(Features).flatMap((one) =>
  "featureName" in one ? [{ featureName: one.featureName }] : [],
);

describe("features of calls", () => {
  test.each(ofCalls.map((factory) => [factory.featureName, factory] as const))(
    "%s is there, under its name, and the same object each time",
    (name, factory) => {
      const all = features();

      expect(all.get(factory).name).toBe(name);
      expect(all.get(factory)).toBe(all.get(factory));
    },
  );

  test("of names that nobody knows are refused with a code", () => {
    const unknown = { featureName: "LocalRecording" } as CallFeatureFactory<CallFeature>;

    expect(() => features().get(unknown)).toThrow(CommunicationServicesError);
  });
});

describe("what no server carries", () => {
  test("is off: recording, transcription, captions, slides", () => {
    const all = features();

    expect(all.get(Features.Recording).isRecordingActive).toBe(false);
    expect(all.get(Features.Recording).recordings).toEqual([]);
    expect(all.get(Features.Transcription).isTranscriptionActive).toBe(false);
    expect(all.get(Features.Captions).captions.isCaptionsFeatureActive).toBe(false);
    expect(all.get(Features.Captions).captions.supportedSpokenLanguages).toEqual([]);
    expect(all.get(Features.PPTLive).isActive).toBe(false);
    expect(all.get(Features.TogetherMode).togetherModeStream).toEqual([]);
    expect(all.get(Features.BreakoutRooms).breakoutRooms).toBeUndefined();
  });

  test.each([
    ["captions", () => features().get(Features.Captions).captions.startCaptions()],
    ["a language", () => features().get(Features.Captions).captions.setSpokenLanguage("de-de")],
    ["one picture of all", () => features().get(Features.TogetherMode).start()],
    [
      "numbers to dial",
      () =>
        features()
          .get(Features.TeamsMeetingAudioConferencing)
          .getTeamsMeetingAudioConferencingDetails(),
    ],
    [
      "a transfer",
      async () => features().get(Features.Transfer).transfer({ targetCallId: "call-2" }),
    ],
  ])("cannot be had: %s", async (_, asked) => {
    await expect(asked()).rejects.toMatchObject({
      name: "CommunicationServicesError",
      code: 405,
      subCode: 49002,
    });
  });

  test("can be stopped without harm", async () => {
    await features().get(Features.Captions).captions.stopCaptions();
    await features().get(Features.Recording).grantTeamsConsent();
    await features().get(Features.Transcription).grantTeamsConsent();
  });
});

describe("effects of a local stream", () => {
  const stream = (): LocalVideoStream =>
    new LocalVideoStream({ id: "camera:front", name: "Front", deviceType: "UsbCamera" });
  const effect = { name: "BackgroundBlur" } as const;

  test("are the same object each time, and support nothing", async () => {
    const one = stream();
    const effects = one.feature(Features.VideoEffects);

    expect(one.feature(Features.VideoEffects)).toBe(effects);
    expect(await effects.isSupported(effect)).toBe(false);
    expect(effects.activeEffects).toEqual([]);
    await effects.stopEffects();
  });

  test("say that they cannot start", async () => {
    const started = stream().feature(Features.VideoEffects).startEffects(effect);

    await expect(started).rejects.toMatchObject({ code: 405, subCode: 49002 });
  });

  test("of other names are refused with a code", () => {
    const unknown = { localVideoStreamFeatureName: "AudioEffects" };

    expect(() => stream().feature(unknown)).toThrow(CommunicationServicesError);
  });
});
