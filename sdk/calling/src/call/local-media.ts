/** What the person sends in one call: voice, picture, screen, as far as the role allows. */

import type { MediaDiagnosticValues } from "../api/diagnostics.js";
import type { CollectionUpdate } from "../api/events.js";
import type { ParticipantCapabilities } from "../api/features.js";
import { openScreen } from "../devices/capture.js";
import type { Raises } from "../features/diagnostics.js";
import type { Clock } from "../kernel/clock.js";
import { CommunicationServicesError, FAILURES, type Failure, raise } from "../kernel/errors.js";
import type { Log } from "../kernel/log.js";
import type { Outgoing } from "../media/outgoing.js";
import { MicrophonesFull, NotPermitted, type Source } from "../media/port.js";
import {
  isLocalAudioStream,
  LocalAudioStream,
  type MicrophoneChoice,
} from "../streams/local-audio-stream.js";
import { isLocalVideoStream, LocalVideoStream } from "../streams/local-video-stream.js";
import { Camera, type StreamChange } from "./camera.js";
import { raiseUnopened } from "./capture-trouble.js";
import { Microphone } from "./microphone.js";

/** What changes, in the words of the call's events. */
export interface LocalMediaListener {
  onMutedChanged(): void;
  onVideoStartedChanged(): void;
  onScreenSharingChanged(): void;
  onStreamsUpdated(update: CollectionUpdate<LocalVideoStream>): void;
  onVoicesUpdated(update: CollectionUpdate<LocalAudioStream>): void;
}

/** What own media needs from outside. */
export interface LocalMediaNeeds {
  readonly outgoing: Outgoing;
  readonly chosenMicrophone: () => MicrophoneChoice;
  readonly log: Log;
  readonly clock: Clock;
  readonly media: Raises<MediaDiagnosticValues>;
  readonly listener: LocalMediaListener;
}

/** What the app asked for when it joined. */
export interface LocalMediaStart {
  readonly muted: boolean;
  /** What to speak with; the chosen microphone when left out. */
  readonly voice: LocalAudioStream | undefined;
  readonly streams: readonly LocalVideoStream[];
}

type Permission = "unmuteMic" | "turnVideoOn" | "shareScreen";

/** Own media of one call. */
export class LocalMedia {
  private readonly _microphone: Microphone;
  private readonly _camera: Camera;
  private readonly _screen: Camera;
  private _may: ParticipantCapabilities | undefined;
  private _admit: () => void = () => undefined;
  private _isOver = false;
  private readonly _admitted: Promise<void>;

  constructor(
    private readonly _needs: LocalMediaNeeds,
    start: LocalMediaStart,
  ) {
    const { listener } = _needs;
    this._microphone = this._makeMicrophone(start);
    const onStream = (change: StreamChange): void => this._update(change);
    this._camera = new Camera(
      {
        ..._needs,
        source: "camera",
        onStream,
        onSwitched: () => listener.onVideoStartedChanged(),
      },
      start.streams[0],
    );
    this._screen = new Camera({
      ..._needs,
      source: "screen",
      onStream,
      onSwitched: () => listener.onScreenSharingChanged(),
    });
    this._admitted = new Promise((resolve) => {
      this._admit = resolve;
    });
  }

  get isMuted(): boolean {
    return this._microphone.isMuted;
  }

  /** Whether a microphone is sent and not muted, and not a stream of the app's own making. */
  get isMicrophoneHeard(): boolean {
    return !this.isMuted && this._microphone.stream.isDevice;
  }

  get voices(): readonly LocalAudioStream[] {
    return [this._microphone.stream];
  }

  get isVideoStarted(): boolean {
    return this._camera.isOn;
  }

  /** Whether a camera is sent, and not a stream of the app's own making. */
  get isCameraSent(): boolean {
    return this._camera.isOn && this._camera.stream?.mediaStreamType === "Video";
  }

  get isScreenSharingOn(): boolean {
    return this._screen.isOn;
  }

  get streams(): readonly LocalVideoStream[] {
    return [this._camera.stream, this._screen.stream].filter((one) => one !== undefined);
  }

  /** The server admitted the call and the engine answered: send what was asked for, as far as it is allowed. */
  begin(may: ParticipantCapabilities): void {
    this._may = may;
    this._withdraw(may);
    if (may.unmuteMic.isPresent) void this._microphone.begin();
    if (may.turnVideoOn.isPresent) void this._camera.begin();
    this._admit();
  }

  /** The role is another now: stop what it does not allow. The server has stopped it already. */
  permit(may: ParticipantCapabilities): void {
    this._may = may;
    this._withdraw(may);
  }

  /** The engine did not take what a new room was to send. */
  refuse(source: Source, error: unknown): void {
    if (error instanceof MicrophonesFull) this._microphone.stayMuted();
    else this.takeAway(source);
  }

  /** The engine stopped a track that we sent. */
  takeAway(source: Source): void {
    const one = { microphone: this._microphone, camera: this._camera, screen: this._screen }[
      source
    ];
    void one.takeAway();
  }

  async mute(): Promise<void> {
    if (this._may === undefined) {
      this._microphone.wish({ muted: true });
      return;
    }
    await this._microphone.mute().catch((error: unknown) => {
      throw raise(FAILURES.muteFailed, error instanceof Error ? error.message : undefined);
    });
  }

  async unmute(): Promise<void> {
    if (this._may === undefined) {
      this._microphone.wish({ muted: false });
      return;
    }
    this._require("unmuteMic");
    await this._microphone.unmute().catch((error: unknown) => {
      throw explain(error, FAILURES.unmuteFailed);
    });
  }

  /** Speak with this instead of the chosen microphone. */
  async startAudio(stream: LocalAudioStream): Promise<void> {
    if (!isLocalAudioStream(stream)) throw raise(FAILURES.badAudioStream);
    if (this._isOver) throw raise(FAILURES.callEnded);
    await this._microphone.use(stream).catch((error: unknown) => {
      throw explain(error, FAILURES.unmuteFailed);
    });
  }

  /** Speak with the chosen microphone again. */
  stopAudio(): void {
    const { chosenMicrophone, log } = this._needs;
    const usual = LocalAudioStream.ofChoice(chosenMicrophone());
    this._microphone.use(usual).catch((error: unknown) => {
      log.warning("the chosen microphone could not be opened", error);
    });
  }

  async startVideo(stream: LocalVideoStream): Promise<void> {
    if (!isLocalVideoStream(stream) || stream.mediaStreamType === "ScreenSharing") {
      throw raise(FAILURES.badVideoStream);
    }
    if (this._camera.stream !== undefined) throw raise(FAILURES.videoStarted);
    await this._admitted;
    this._require("turnVideoOn");
    await this._camera.start(stream).catch((error: unknown) => {
      throw explain(error, FAILURES.captureFailed);
    });
  }

  async stopVideo(stream: LocalVideoStream): Promise<void> {
    const sent = this._camera.stream;
    if (sent === undefined) throw raise(FAILURES.videoStopped);
    // A wrapped stream is another object, but has the same source.
    const same = stream === sent || stream?.source?.id === sent.source.id;
    if (!same) throw raise(FAILURES.otherVideoStream);
    await this._camera.stop();
  }

  async startScreenSharing(given?: LocalVideoStream): Promise<void> {
    this._require("shareScreen");
    const isOurs = given === undefined || isLocalVideoStream(given);
    if (!isOurs || given?.mediaStreamType === "Video") throw raise(FAILURES.badVideoStream);
    if (this._screen.stream !== undefined) throw raise(FAILURES.shareStarted);
    const stream = given ?? LocalVideoStream.ofScreen(await this._openScreen());
    stream.beScreen();
    try {
      await this._screen.start(stream);
    } catch (error) {
      stream.dispose();
      throw explain(error, FAILURES.captureFailed);
    }
  }

  async stopScreenSharing(): Promise<void> {
    if (this._screen.stream === undefined) throw raise(FAILURES.shareStopped);
    await this._screen.stop();
  }

  /** The person chose another microphone. */
  changeMicrophone(): void {
    void this._microphone.follow(this._needs.chosenMicrophone());
  }

  /** The call is over: close every device. */
  close(): void {
    this._isOver = true;
    this._admit();
    this._microphone.close();
    this._camera.close();
    this._screen.close();
  }

  private _makeMicrophone({ muted, voice }: LocalMediaStart): Microphone {
    const { chosenMicrophone, listener } = this._needs;
    return new Microphone(
      {
        ...this._needs,
        onMutedChanged: () => listener.onMutedChanged(),
        onStream: (before, now) => listener.onVoicesUpdated({ added: [now], removed: [before] }),
      },
      { muted, voice: voice ?? LocalAudioStream.ofChoice(chosenMicrophone()) },
    );
  }

  private async _openScreen(): Promise<MediaStreamTrack> {
    return openScreen().catch((error: unknown) => {
      raiseUnopened(this._needs.media, "screen", error);
      throw error;
    });
  }

  private _require(what: Permission): void {
    if (this._isOver) throw raise(FAILURES.callEnded);
    if (this._may?.[what].isPresent !== true) throw raise(FAILURES.roleRestricted);
  }

  private _withdraw(may: ParticipantCapabilities): void {
    if (!may.unmuteMic.isPresent) void this._microphone.takeAway();
    if (!may.turnVideoOn.isPresent) void this._camera.takeAway();
    if (!may.shareScreen.isPresent) void this._screen.takeAway();
  }

  private _update({ before, now }: StreamChange): void {
    this._needs.listener.onStreamsUpdated({
      added: now === undefined ? [] : [now],
      removed: before === undefined ? [] : [before],
    });
  }
}

/** An error of ours stays as it is; what the engine does not allow is the role's doing. */
function explain(error: unknown, otherwise: Failure): CommunicationServicesError {
  if (error instanceof CommunicationServicesError) return error;
  if (error instanceof NotPermitted) return raise(FAILURES.roleRestricted);
  if (error instanceof MicrophonesFull) return raise(FAILURES.microphonesFull);
  return raise(otherwise, error instanceof Error ? error.message : undefined);
}
