/** How errors of devices and of the own streams come about. */
import { vi } from "vitest";
import type { AudioDeviceInfo, VideoDeviceInfo } from "../../src/api/devices.js";
import type { LocalAudioStream } from "../../src/streams/local-audio-stream.js";
import { LocalVideoStream } from "../../src/streams/local-video-stream.js";
import type { Bench } from "../fakes/bench.js";
import { FakeStream } from "../fakes/tracks.js";
import type { Way } from "./row.js";

const FRONT: VideoDeviceInfo = { id: "camera:front", name: "Front", deviceType: "UsbCamera" };
// What untyped apps pass.
const NO_CAMERA = {} as VideoDeviceInfo;

/** A camera, or another device, that the browser cannot open for this reason. */
function broken(bench: () => Bench, kind: "audio" | "video" | "screen", reason: string): void {
  bench().browser.broken.set(kind, reason);
}

async function video(bench: () => Bench, reason?: string): Promise<void> {
  const call = await bench().connect({ audioOptions: { muted: true } });
  if (reason !== undefined) broken(bench, "video", reason);
  await call.startVideo(new LocalVideoStream(FRONT));
}

async function voice(bench: () => Bench, reason: string): Promise<void> {
  const call = await bench().connect({ audioOptions: { muted: true } });
  broken(bench, "audio", reason);
  await call.unmute();
}

/** The browser says this of a camera. */
function says(bench: () => Bench, words: string, name: string): void {
  const error = Object.assign(new Error(words), { name });
  bench().browser.getUserMedia = () => Promise.reject(error);
}

/** Ways of devices. */
export const ofDevices = (bench: () => Bench) =>
  ({
    speakersUnsupported: () => {
      vi.stubGlobal("HTMLMediaElement", { prototype: {} });
      return bench().devices.getSpeakers();
    },
    nothingAsked: () => bench().devices.askDevicePermission({ audio: false, video: false }),
    permissionFailed: () => {
      broken(bench, "audio", "TypeError");
      return bench().devices.askDevicePermission({ audio: true, video: false });
    },
    badDevice: () => {
      const gone = { id: "microphone:gone" } as AudioDeviceInfo;
      return bench().devices.selectMicrophone(gone);
    },
    cameraInUse: () => video(bench, "NotReadableError"),
    cameraDenied: () => video(bench, "NotAllowedError"),
    captureFailed: () => video(bench, "TypeError"),
    noCamera: () => video(bench, "NotFoundError"),
    cameraConstraints: () => video(bench, "OverconstrainedError"),
    cameraStopped: () => {
      // A stream of the app's own, without a picture.
      const empty = new FakeStream([]) as unknown as MediaStream;
      return new LocalVideoStream(empty).getMediaStream();
    },
    promptTimeout: async () => {
      vi.useFakeTimers();
      bench().browser.ask();
      const opening = new LocalVideoStream(FRONT).getMediaStream().catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(40_000);
      vi.useRealTimers();
      throw await opening;
    },
    deniedBySystem: () => {
      says(bench, "Permission denied by system", "NotAllowedError");
      return new LocalVideoStream(FRONT).getMediaStream();
    },
    cameraUnsupported: () => {
      vi.stubGlobal("navigator", { mediaDevices: undefined });
      return new LocalVideoStream(FRONT).getMediaStream();
    },
    badSource: () => new LocalVideoStream(NO_CAMERA),
    sameSource: () => new LocalVideoStream(FRONT).switchSource({ ...FRONT }),
    microphoneDenied: () => voice(bench, "NotAllowedError"),
    noMicrophone: () => voice(bench, "NotFoundError"),
    unmuteFailed: async () => {
      const call = await bench().connect({ audioOptions: { muted: true } });
      bench().room.publishError = new Error("no");
      const outcome = call.unmute().catch((error: unknown) => error);
      for (const wait of [500, 500]) await bench().clock.passWhenAsked(wait);
      throw await outcome;
    },
    badAudioStream: async () => {
      const call = await bench().connect({ audioOptions: { muted: true } });
      await call.startAudio({} as LocalAudioStream);
    },
    shareRefused: async () => {
      const call = await bench().connect({ audioOptions: { muted: true } });
      broken(bench, "screen", "NotAllowedError");
      await call.startScreenSharing();
    },
  }) as const satisfies Record<string, Way>;
