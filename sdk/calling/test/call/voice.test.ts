/** The stream that a call speaks with: the chosen microphone, one that the app names, or sound of its own. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AudioDeviceInfo } from "../../src/api/devices.js";
import { Features } from "../../src/features/features.js";
import { NotPermitted } from "../../src/media/port.js";
import { LocalAudioStream } from "../../src/streams/local-audio-stream.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import { Bench } from "../fakes/bench.js";
import { settled } from "../fakes/clock.js";
import { FakeStream, FakeTrack } from "../fakes/tracks.js";

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start();
});

afterEach(async () => {
  await bench.stop();
});

async function headset(): Promise<AudioDeviceInfo> {
  const found = (await bench.devices.getMicrophones()).find(({ name }) => name === "Headset");
  if (found === undefined) throw new Error("There is a headset.");
  return found;
}

/** What the engine gets of the voice: the label of the track, and whether it is silent. */
const spoken = (): string[] =>
  bench.room.sent.map(({ track, muted }) => `${track.label}${muted ? " muted" : ""}`);

/** A stream of the app's own, with this track. */
const own = (track: FakeTrack): MediaStream => new FakeStream([track]) as unknown as MediaStream;

describe("the voice of a call", () => {
  test("is one stream, there from the beginning, and opens nothing before it is needed", async () => {
    const call = bench.join({ audioOptions: { muted: true } });
    const [voice] = call.localAudioStreams;

    expect(call.localAudioStreams).toHaveLength(1);
    expect(voice).toBeInstanceOf(LocalAudioStream);
    expect(voice?.mediaStreamType).toBe("Audio");
    expect(voice?.source).toMatchObject({ name: "Default microphone", isSystemDefault: true });
    expect(bench.browser.opened).toEqual([]);
  });

  test("is the microphone that the app names when it joins", async () => {
    const voice = new LocalAudioStream(await headset());
    const call = await bench.connect({ audioOptions: { localAudioStreams: [voice] } });
    await bench.until(() => bench.room.sent.length === 1);

    expect(call.localAudioStreams).toEqual([voice]);
    expect(spoken()).toEqual(["Headset"]);
    await call.hangUp();
    expect(bench.browser.live).toEqual([]);
  });

  test("is refused at joining when it is something else", () => {
    const nonsense = [{}] as LocalAudioStream[];

    const join = (): unknown => bench.join({ audioOptions: { localAudioStreams: nonsense } });

    expect(join).toThrow(expect.objectContaining({ code: 400, subCode: 49016 }));
  });

  test("follows the person's choice, and says that its source is another one", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const [voice] = call.localAudioStreams;
    const names: string[] = [];
    voice?.on("audioSourceChanged", ({ source }) => names.push(source.source.name));

    await bench.devices.selectMicrophone(await headset());
    await bench.until(() => names.length === 1);

    expect(names).toEqual(["Headset"]);
    expect(call.localAudioStreams).toEqual([voice]);
  });

  test("that is unplugged says which microphone took its place", async () => {
    const voice = new LocalAudioStream(await headset());
    const call = await bench.connect({ audioOptions: { localAudioStreams: [voice] } });
    await bench.until(() => bench.room.sent.length === 1);
    const ids: string[] = [];
    voice.on("audioSourceChanged", () => ids.push(voice.source.id));

    bench.browser.opened[0]?.unplug();
    await bench.until(() => spoken()[0] === "Default microphone");

    expect(ids).toEqual(["microphone:default"]);
    expect(call.isMuted).toBe(false);
  });

  test("is not opened anew when a choice names the microphone that is open", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const [usual] = await bench.devices.getMicrophones();

    if (usual !== undefined) await bench.devices.selectMicrophone(usual);
    await settled();

    expect(bench.browser.opened).toHaveLength(1);
    expect(call.isMuted).toBe(false);
  });

  test("that the app disposes of mutes the call and opens nothing else", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);

    call.localAudioStreams[0]?.dispose();
    await bench.until(() => call.isMuted);
    await settled();

    expect(spoken()).toEqual([]);
    expect(bench.browser.live).toEqual([]);
    await call.unmute();
    expect(spoken()).toEqual(["Default microphone"]);
  });
});

describe("muting a voice", () => {
  test("that fails at the engine is silent all the same, and says so with 500/41015", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const { room } = bench;
    const publish = room.publish.bind(room);
    room.publish = async (...what) => ({
      ...(await publish(...what)),
      setMuted: () => Promise.reject(new NotPermitted()),
    });
    await call.unmute();

    await expect(call.mute()).rejects.toMatchObject({ code: 500, subCode: 41015 });

    expect(call.isMuted).toBe(true);
    expect(bench.browser.opened[0]?.enabled).toBe(false);
  });
});

describe("switching a voice", () => {
  test("swaps the microphone in a running call, muted or not", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    await call.mute();
    const [voice] = call.localAudioStreams;

    await voice?.switchSource(await headset());
    await settled();

    expect(spoken()).toEqual(["Headset muted"]);
    expect(bench.browser.opened[1]?.enabled).toBe(false);
    expect(bench.browser.live).toEqual(["Headset"]);
  });

  test("is refused for what is no microphone, and for the same one", async () => {
    const voice = new LocalAudioStream(await headset());
    const [camera] = await bench.devices.getCameras();

    const wrong = voice.switchSource(camera as never);
    await expect(wrong).rejects.toMatchObject({ code: 400, subCode: 43004 });
    const same = voice.switchSource(await headset());
    await expect(same).rejects.toMatchObject({ code: 400, subCode: 43005 });
    expect(() => new LocalAudioStream({} as never)).toThrow(
      expect.objectContaining({ code: 400, subCode: 43004 }),
    );
  });

  test("to sound of the app's own mutes a copy and leaves the app's track alone", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const music = new FakeTrack("audio", "Music");

    await call.localAudioStreams[0]?.setMediaStream(own(music));
    await settled();
    expect(spoken()).toEqual(["Music"]);
    await call.mute();
    await call.hangUp();

    expect(music.enabled).toBe(true);
    expect(music.readyState).toBe("live");
    expect(bench.browser.live).toEqual([]);
  });

  test("by startAudio and stopAudio lists another stream, and tells it", async () => {
    const call = await bench.connect();
    await bench.until(() => bench.room.sent.length === 1);
    const music = new LocalAudioStream(own(new FakeTrack("audio", "Music")));
    const heard: string[] = [];
    call.on("localAudioStreamsUpdated", ({ added, removed }) =>
      heard.push(`+${added.length} -${removed.length}`),
    );

    await call.startAudio(music);
    expect(call.localAudioStreams).toEqual([music]);
    expect(spoken()).toEqual(["Music"]);
    expect(bench.browser.live).toEqual([]);
    call.stopAudio();
    await bench.until(() => spoken()[0] === "Default microphone");

    expect(heard).toEqual(["+1 -1", "+1 -1"]);
    await expect(call.startAudio({} as never)).rejects.toMatchObject({ subCode: 49016 });
  });
});

describe("a voice outside of a call", () => {
  test("can be listened to, measured, and closed", async () => {
    const voice = new LocalAudioStream(await headset());

    const stream = await voice.getMediaStream();
    const volume = await voice.getVolume();
    expect(stream.getAudioTracks()).toHaveLength(1);
    expect(volume).toBe(await voice.getVolume());
    voice.dispose();

    expect(bench.browser.live).toEqual([]);
    expect(volume.level).toBe(0);
  });

  test("has effects that are not supported, as one object", async () => {
    const voice = new LocalAudioStream(await headset());
    const effects = voice.feature(Features.AudioEffects);

    expect(await effects.isSupported({})).toBe(false);
    expect(effects.activeEffects).toEqual({ echoCancellation: [], noiseSuppression: [] });
    await effects.stopEffects({ noiseSuppression: true });
    await expect(effects.startEffects({})).rejects.toMatchObject({ code: 405 });
    expect(voice.feature(Features.AudioEffects)).toBe(effects);
    const unknown = { localAudioStreamFeatureName: "Louder" };
    expect(() => voice.feature(unknown)).toThrow(expect.objectContaining({ subCode: 49002 }));
  });
});

describe("a picture of the app's own", () => {
  test("takes the place of the camera, and can be shared as a screen", async () => {
    const call = await bench.connect({ audioOptions: { muted: true } });
    const [camera] = await bench.devices.getCameras();
    if (camera === undefined) throw new Error("There is a camera.");
    const stream = new LocalVideoStream(camera);
    await call.startVideo(stream);
    const types: string[] = [];
    stream.on("videoSourceChanged", ({ source }) => types.push(source.mediaStreamType));

    await stream.setMediaStream(own(new FakeTrack("video", "Drawing")));
    const slides = new LocalVideoStream(own(new FakeTrack("video", "Slides")));
    await call.startScreenSharing(slides);
    await settled();

    expect(types).toEqual(["RawMedia"]);
    expect(spoken()).toEqual(["Drawing", "Slides"]);
    expect(call.localVideoStreams.map(({ mediaStreamType }) => mediaStreamType)).toEqual([
      "RawMedia",
      "ScreenSharing",
    ]);
    expect(bench.browser.live).toEqual([]);
    await expect(stream.setMediaStream({} as never)).rejects.toMatchObject({ subCode: 43004 });
  });
});
