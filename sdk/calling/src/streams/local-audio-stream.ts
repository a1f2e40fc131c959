/** The app's own voice: a microphone, or a track of its own making. */
import type { AudioDeviceInfo } from "../api/devices.js";
import type {
  AudioSource,
  AudioStreamFeature,
  AudioStreamFeatureFactory,
  Volume,
} from "../api/sound.js";
import type { MediaStreamType } from "../api/streams.js";
import { openMicrophone } from "../devices/capture.js";
import { deviceIdIn, idFor } from "../devices/device-ids.js";
import { AudioEffectsObject } from "../features/audio-effects.js";
import { featureNamed } from "../features/finding.js";
import { systemClock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { newGuid } from "../kernel/ids.js";
import { type CaptureSource, CaptureTrack, type Holder } from "./capture-track.js";
import { VolumeObject } from "./volume.js";

const SYSTEM_DEFAULT = "default";

/** How a local audio stream behaves. */
export interface LocalAudioStreamOptions {
  /** Whether the device is closed when a call that sent the stream ends. True when left out. */
  autoDisposeOnCallEnd?: boolean | undefined;
}

/** Tells which stream has another source now. */
export interface AudioSourceChangedEventArgs {
  source: LocalAudioStream;
}

/** The events of a local audio stream. */
export interface LocalAudioStreamEvents {
  audioSourceChanged: [change: AudioSourceChangedEventArgs];
}

/** A microphone as the person chose it: with no id it is the system's default. */
export interface MicrophoneChoice {
  readonly deviceId: string | undefined;
  readonly info: AudioDeviceInfo | undefined;
}

/** A voice to send. The device opens when it is first needed. */
export class LocalAudioStream extends Emitter<LocalAudioStreamEvents> {
  private readonly _effects = new AudioEffectsObject();
  private readonly _capture: CaptureTrack;
  private readonly _app: Holder = { onTrack: () => undefined, onEnded: () => undefined };
  private readonly _autoDispose: boolean;
  /** Whether it is whatever microphone the person has chosen, and the app named none. */
  private _followsChoice = false;
  private _volume: VolumeObject | undefined;
  private _made: Made;

  /** For a microphone from `DeviceManager.getMicrophones()`, or for a stream of the app's own. */
  constructor(source: AudioSource, options?: LocalAudioStreamOptions) {
    super();
    this._made = isStream(source) ? rawSource(source) : microphoneSource(source);
    this._autoDispose = options?.autoDisposeOnCallEnd ?? true;
    this._capture = new CaptureTrack(this._made, systemClock, () => this._measure());
  }

  /** The microphone; for other streams, words about them. */
  get source(): AudioDeviceInfo {
    return { ...this._made.info };
  }

  get mediaStreamType(): MediaStreamType {
    return "Audio";
  }

  /** Take the voice from another microphone, in running calls too. */
  async switchSource(source: AudioDeviceInfo): Promise<void> {
    const made = microphoneSource(source);
    if (made.info.id === this._made.info.id) throw raise(FAILURES.sameSource, SAME);
    this._followsChoice = false;
    await this._switchTo(made);
  }

  /** The voice as a stream, silent while the call that sends it is muted. Opens the device. */
  async getMediaStream(): Promise<MediaStream> {
    return new MediaStream([await this._capture.hold(this._app)]);
  }

  /** Take the voice from a stream of the app's own, in running calls too. */
  async setMediaStream(stream: MediaStream): Promise<void> {
    if (!isStream(stream)) throw raise(FAILURES.badSource, "This is not a MediaStream.");
    this._followsChoice = false;
    await this._switchTo(rawSource(stream));
  }

  /** How loud the voice is while the device is open. The same object each time. */
  async getVolume(): Promise<Volume> {
    if (this._volume === undefined) {
      this._volume = new VolumeObject();
      this._measure();
    }
    return this._volume;
  }

  /** An extra of the stream, the same object each time. Throws 405/49002 when there is none. */
  feature<F extends AudioStreamFeature>(factory: AudioStreamFeatureFactory<F>): F {
    return featureNamed(factory?.localAudioStreamFeatureName, [this._effects]);
  }

  /** Close the device. */
  dispose(): void {
    this._capture.releaseAll();
  }

  /**
   * The microphone that the person chose, whichever that is at the time.
   *
   * @internal
   */
  static ofChoice(choice: MicrophoneChoice): LocalAudioStream {
    const stream = new LocalAudioStream(SYSTEM_MICROPHONE);
    stream._followsChoice = true;
    stream._made = choiceSource(choice);
    void stream._capture.switchTo(stream._made);
    return stream;
  }

  /** @internal */
  get endsWithCall(): boolean {
    return this._autoDispose;
  }

  /** @internal */
  get isDevice(): boolean {
    return !this._made.isRaw;
  }

  /**
   * Open the device for sending.
   *
   * @internal
   */
  hold(holder: Holder): Promise<MediaStreamTrack> {
    return this._capture.hold(holder);
  }

  /**
   * Sending is over: the device closes.
   *
   * @internal
   */
  release(holder: Holder): void {
    this._capture.release(this._app, { lingerMs: 0 });
    this._capture.release(holder, { lingerMs: 0 });
  }

  /**
   * The person chose this microphone, or has no choice any more.
   *
   * @internal
   */
  async follow(choice: MicrophoneChoice): Promise<void> {
    const isForThis = this._followsChoice || choice.deviceId !== undefined;
    if (this._made.isRaw || !isForThis) return;
    await this._switchTo(choiceSource(choice));
  }

  /**
   * The device is gone: the system's default takes its place. Throws for a stream of the app's own.
   *
   * @internal
   */
  async fallBack(): Promise<void> {
    if (this._made.isRaw) throw raise(FAILURES.captureFailed);
    await this._switchTo(choiceSource({ deviceId: undefined, info: undefined }));
  }

  private async _switchTo(made: Made): Promise<void> {
    const before = this._made;
    // The same device under another name: nothing needs to be opened anew.
    const same = !made.isRaw && !before.isRaw && made.deviceId === before.deviceId;
    if (!same) await this._capture.switchTo(made);
    this._made = made;
    if (made.info.id !== before.info.id) this.emit("audioSourceChanged", { source: this });
  }

  private _measure(): void {
    const { track } = this._capture;
    this._volume?.watch(track === undefined ? [] : [track]);
  }
}

/** Whether something is a stream of ours; wrapped in a proxy or not. */
export function isLocalAudioStream(stream: unknown): stream is LocalAudioStream {
  return stream instanceof LocalAudioStream;
}

interface Made extends CaptureSource {
  readonly info: AudioDeviceInfo;
  readonly isRaw: boolean;
  /** The browser's id; undefined for the system's default. */
  readonly deviceId: string | undefined;
}

const SAME = "This microphone is in use by this stream already.";

const SYSTEM_MICROPHONE: AudioDeviceInfo = {
  id: idFor("microphone", SYSTEM_DEFAULT),
  name: "",
  isSystemDefault: true,
  deviceType: "Microphone",
};

function microphoneSource(device: AudioDeviceInfo): Made {
  const id: unknown = device?.id;
  const deviceId = typeof id === "string" ? deviceIdIn("microphone", id) : undefined;
  if (deviceId === undefined) throw raise(FAILURES.badSource, "This is not a microphone.");
  return choiceSource({ deviceId, info: device });
}

function choiceSource({ deviceId, info }: MicrophoneChoice): Made {
  const exact = deviceId === SYSTEM_DEFAULT ? undefined : deviceId;
  return {
    info: { ...(info ?? SYSTEM_MICROPHONE) },
    isRaw: false,
    deviceId: exact,
    open: () => openMicrophone(exact),
    close: (track) => track.stop(),
  };
}

/** A stream of the app's own: what is muted and stopped is a copy, for the track is the app's. */
function rawSource(stream: MediaStream): Made {
  return {
    info: { ...SYSTEM_MICROPHONE, id: `raw:${newGuid()}`, isSystemDefault: false },
    isRaw: true,
    deviceId: undefined,
    open: async () => {
      const [track] = stream.getAudioTracks();
      if (track === undefined) throw raise(FAILURES.captureFailed, "The stream has no sound.");
      return track.clone();
    },
    close: (track) => track.stop(),
  };
}

function isStream(source: unknown): source is MediaStream {
  return typeof MediaStream !== "undefined" && source instanceof MediaStream;
}
