/** What is heard in a call: through which speaker, and whether at all. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Call } from "../../src/api/call.js";
import { Features } from "../../src/features/features.js";
import { levelOf } from "../../src/streams/volume.js";
import { Bench } from "../fakes/bench.js";
import { joined, leg } from "../fakes/joined.js";

const BO = "8:acs:resource_bo~p-1";

let bench: Bench;
let call: Call;

beforeEach(async () => {
  bench = await Bench.start();
  call = await bench.connect({ audioOptions: { muted: true } }, joined("Presenter", [leg("p-1")]));
});

afterEach(async () => {
  await bench.stop();
});

describe("incoming sound", () => {
  test("is muted and unmuted here alone, and the event fires once for each", async () => {
    const heard: boolean[] = [];
    call.on("isIncomingAudioMutedChanged", () => heard.push(call.isIncomingAudioMuted));
    bench.room.receive({ sender: BO, source: "microphone" });

    await call.muteIncomingAudio();
    await call.muteIncomingAudio();
    expect(bench.room.done.at(-1)).toBe(`hush microphone ${BO}`);
    await call.unmuteIncomingAudio();

    expect(heard).toEqual([true, false]);
    expect(bench.room.done.at(-1)).toBe(`play microphone ${BO}`);
  });

  test("that is muted stays so in the next room, after a loss", async () => {
    await call.muteIncomingAudio();
    bench.room.end();
    await bench.clock.passWhenAsked(50);
    await bench.up(2);

    bench.room.receive({ sender: BO, source: "microphone" });
    bench.room.listener.onFeeds();

    expect(bench.room.done).toContain(`hush microphone ${BO}`);
    expect(bench.room.done).not.toContain(`play microphone ${BO}`);
  });

  test("is one stream from the first sound to the end of the call", async () => {
    const updates: string[] = [];
    call.on("remoteAudioStreamsUpdated", ({ added, removed }) =>
      updates.push(`+${added.length} -${removed.length} now ${call.remoteAudioStreams.length}`),
    );
    expect(call.remoteAudioStreams).toEqual([]);

    bench.room.receive({ sender: BO, source: "microphone" });
    bench.room.listener.onFeeds();
    const [sound] = call.remoteAudioStreams;
    const stream = await sound?.getMediaStream();
    const volume = await sound?.getVolume();

    expect(sound?.mediaStreamType).toBe("Audio");
    expect(stream?.getTracks()).toHaveLength(1);
    expect(volume).toBe(await sound?.getVolume());
    expect(volume?.level).toBe(0);
    await call.hangUp();
    expect(stream?.getTracks()).toEqual([]);
    expect(updates).toEqual(["+1 -0 now 1", "+0 -1 now 0"]);
  });

  test("that the browser keeps back is told, and that it plays at last, too", () => {
    const { media } = call.feature(Features.UserFacingDiagnostics);
    const heard: unknown[] = [];
    media.on("diagnosticChanged", ({ diagnostic, value }) => heard.push([diagnostic, value]));

    bench.room.listener.onPlayback({ blocked: true });
    bench.room.listener.onPlayback({ blocked: false });

    const name = "speakerNotFunctioning";
    expect(heard).toEqual([
      [name, true],
      [name, false],
    ]);
  });
});

describe("the speaker", () => {
  test("that is unplugged in a running call gives way to the system's", async () => {
    const usual = bench.browser.devices;
    const extra = { kind: "audiooutput", deviceId: "box", label: "Box" } as const;
    bench.browser.plug(...usual, extra);
    const [, box] = await bench.devices.getSpeakers();
    if (box === undefined) throw new Error("There are two speakers.");
    await bench.devices.selectSpeaker(box);
    expect(bench.room.speaker).toBe("box");
    const names: (string | undefined)[] = [];
    bench.devices.on("selectedSpeakerChanged", () =>
      names.push(bench.devices.selectedSpeaker?.name),
    );

    bench.browser.plug(...usual);
    await bench.until(() => bench.room.speaker === "");

    expect(names).toEqual(["Default speaker"]);
  });

  test("that was chosen is chosen again in the next room, after a loss", async () => {
    const [speaker] = await bench.devices.getSpeakers();
    if (speaker !== undefined) await bench.devices.selectSpeaker(speaker);
    bench.room.end();
    await bench.clock.passWhenAsked(50);
    await bench.up(2);

    expect(bench.room.speaker).toBe("default");
  });
});

describe("a volume", () => {
  afterEach(() => void vi.unstubAllGlobals());

  test("is 0 in silence and 100 at its loudest, and goes as ears do", () => {
    expect(levelOf(new Float32Array(8))).toBe(0);
    expect(levelOf(new Float32Array(8).fill(1))).toBe(100);
    expect(levelOf(new Float32Array(8).fill(0.0316))).toBe(50);
  });
});
