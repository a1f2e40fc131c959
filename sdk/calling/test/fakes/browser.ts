/** A browser's devices for Node: what opens, what is refused, what is plugged in. */
import { vi } from "vitest";
import { FakeStream, FakeTrack } from "./tracks.js";

/** A device as a browser lists it. */
export interface FakeDevice {
  readonly kind: MediaDeviceKind;
  readonly deviceId: string;
  readonly label: string;
}

const DEVICES: readonly FakeDevice[] = [
  { kind: "videoinput", deviceId: "front", label: "Front camera" },
  { kind: "videoinput", deviceId: "desk", label: "Desk camera" },
  { kind: "audioinput", deviceId: "default", label: "Default microphone" },
  { kind: "audioinput", deviceId: "headset", label: "Headset" },
  { kind: "audiooutput", deviceId: "default", label: "Default speaker" },
];

/** Stands in for `navigator.mediaDevices` until `leave`. */
export class FakeBrowser extends EventTarget {
  devices: readonly FakeDevice[] = DEVICES;
  granted = true;
  /** Errors by the kind of device that shall not open. */
  readonly broken = new Map<"audio" | "video" | "screen", string>();
  /** Every track that was opened. */
  readonly opened: FakeTrack[] = [];
  /** Set to keep the browser's question on the screen until it is called. */
  private _answer: (() => void) | undefined;
  private _question: Promise<void> = Promise.resolve();

  constructor() {
    super();
    vi.stubGlobal("navigator", { mediaDevices: this, userAgent: "", onLine: true });
    vi.stubGlobal("MediaStream", FakeStream);
    vi.stubGlobal("HTMLMediaElement", { prototype: { setSinkId: () => undefined } });
  }

  leave(): void {
    vi.unstubAllGlobals();
  }

  /** The tracks that are open now. */
  get live(): string[] {
    return this.opened.filter(({ readyState }) => readyState === "live").map(({ label }) => label);
  }

  /** The browser asks the person from now on; `answer` is the answer yes. */
  ask(): void {
    this._question = new Promise((resolve) => {
      this._answer = resolve;
    });
  }

  answer(): void {
    this._answer?.();
  }

  plug(...devices: FakeDevice[]): void {
    this.devices = devices;
    this.dispatchEvent(new Event("devicechange"));
  }

  async enumerateDevices(): Promise<FakeDevice[]> {
    if (this.granted) return [...this.devices];
    return this.devices.map(({ kind }) => ({ kind, deviceId: "", label: "" }));
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<FakeStream> {
    const asked = [constraints.audio && "audio", constraints.video && "video"] as const;
    const kinds = asked.filter((kind) => kind === "audio" || kind === "video");
    await this._question;
    for (const kind of kinds) this._fail(kind);
    this.granted = true;
    return new FakeStream(kinds.map((kind) => this._open(kind, constraints[kind])));
  }

  async getDisplayMedia(): Promise<FakeStream> {
    this._fail("screen");
    return new FakeStream([this._add("video", "Screen 1")]);
  }

  private _fail(kind: "audio" | "video" | "screen"): void {
    const name = this.broken.get(kind);
    if (name !== undefined) throw Object.assign(new Error(`no ${kind}`), { name });
  }

  private _open(kind: "audio" | "video", constraints: unknown): FakeTrack {
    const wanted = JSON.stringify(constraints).match(/"exact":"(\w+)"/)?.[1];
    const input = kind === "audio" ? "audioinput" : "videoinput";
    const found = this.devices.find(
      ({ kind: one, deviceId }) => one === input && (wanted === undefined || deviceId === wanted),
    );
    if (found === undefined) throw Object.assign(new Error("gone"), { name: "NotFoundError" });
    return this._add(kind, found.label);
  }

  private _add(kind: "audio" | "video", label: string): FakeTrack {
    const track = new FakeTrack(kind, label);
    this.opened.push(track);
    return track;
  }
}
