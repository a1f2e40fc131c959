/** A call as the app sees it. What happens in it is the session's doing. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  Call,
  CallConstraints,
  CallDirection,
  CallEndReason,
  CallEvents,
  CallerInfo,
  CallInfo,
  CallState,
  HangUpOptions,
  VideoConstraints,
} from "../api/call.js";
import type { CallFeature, CallFeatureFactory } from "../api/features.js";
import type { ParticipantRole, RemoteParticipant } from "../api/participants.js";
import type { RemoteAudioStream } from "../api/sound.js";
import type { Asking } from "../features/asking.js";
import { CallFeatures } from "../features/call-features.js";
import type { Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { isFields } from "../kernel/values.js";
import type { Meter } from "../media/meter.js";
import type { LocalAudioStream } from "../streams/local-audio-stream.js";
import type { LocalVideoStream } from "../streams/local-video-stream.js";
import { CallInfoObject } from "./call-info.js";
import type { Company } from "./company.js";
import type { Hearing } from "./hearing.js";
import type { Holding } from "./holding.js";
import { LobbyObject } from "./lobby.js";
import type { LocalMedia } from "./local-media.js";
import type { Place } from "./place.js";
import type { Roster } from "./roster.js";

/** How a call is that is up: held by nobody, by this side, or by the other. */
export type UpState = Extract<CallState, "Connected" | "LocalHold" | "RemoteHold">;

const UP: readonly CallState[] = ["Connected", "LocalHold", "RemoteHold"];

/** Otherwise a call state only moves forward in this order. */
const ORDER: readonly CallState[] = [
  "None",
  "Connecting",
  "Ringing",
  "Connected",
  "Disconnecting",
  "Disconnected",
];

/** What stands behind a call. */
export interface CallParts {
  readonly local: LocalMedia;
  readonly roster: Roster;
  readonly company: Company;
  readonly session: Pick<Asking, "ask" | "deliver" | "handIn">;
  readonly ownId: () => string;
  readonly hearing: Hearing;
  readonly holding: Holding;
  readonly constrain: (video: VideoConstraints | undefined) => Promise<void>;
  readonly hangUp: () => Promise<void>;
  readonly endForEveryone: () => Promise<void>;
}

/** What a call is from its beginning. */
export interface CallOrigins {
  readonly id: string;
  readonly place: Place;
  readonly direction: CallDirection;
  /** Who called; nobody when the app joined or called others itself. */
  readonly caller: () => CallerInfo;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** One call. */
export class CallObject extends Emitter<CallEvents> implements Call {
  readonly kind = "Call";
  readonly direction: CallDirection;
  readonly info: CallInfo;
  readonly lobby = new LobbyObject();
  /** The same object as `info`, with what only the session may do. */
  readonly ids: CallInfoObject;
  /** The extras of the call, with what only the session may do. */
  readonly features: CallFeatures;
  private _parts: CallParts | undefined;
  private _id: string;
  private _state: CallState = "None";
  private _role: ParticipantRole = "Unknown";
  private _count = 0;
  private _endReason: (() => CallEndReason) | undefined;

  constructor(private readonly _origins: CallOrigins) {
    super();
    this._id = _origins.id;
    this.direction = _origins.direction;
    this.ids = new CallInfoObject(_origins.place);
    this.info = this.ids;
    this.features = new CallFeatures({
      ask: async (op, fields) => this._living.session.ask(op, fields),
      deliver: async (...what) => this._living.session.deliver(...what),
      handIn: async (op, fields) => this._living.session.handIn(op, fields),
      isUp: () => this.isUp,
      ownId: () => this._living.ownId(),
      people: () => this._parts?.roster.participants ?? [],
      clock: _origins.clock,
      meter: _origins.meter,
      callId: () => this._id,
      participantId: () => this.ids.participantId,
      streamIds: (sender, source) => this._parts?.roster.streamIdOf(sender, source),
    });
  }

  get id(): string {
    return this._id;
  }

  get callerInfo(): CallerInfo {
    return this._origins.caller();
  }

  get state(): CallState {
    return this._state;
  }

  get callEndReason(): CallEndReason | undefined {
    return this._endReason?.();
  }

  get isMuted(): boolean {
    return this._parts?.local.isMuted ?? true;
  }

  get isIncomingAudioMuted(): boolean {
    return this._parts?.hearing.isMuted ?? false;
  }

  get isLocalVideoStarted(): boolean {
    return this._parts?.local.isVideoStarted ?? false;
  }

  get isScreenSharingOn(): boolean {
    return this._parts?.local.isScreenSharingOn ?? false;
  }

  get localVideoStreams(): ReadonlyArray<LocalVideoStream> {
    return [...(this._parts?.local.streams ?? [])];
  }

  get localAudioStreams(): ReadonlyArray<LocalAudioStream> {
    return this._parts?.local.voices ?? [];
  }

  get remoteParticipants(): ReadonlyArray<RemoteParticipant> {
    return this._parts?.roster.participants ?? [];
  }

  get remoteAudioStreams(): ReadonlyArray<RemoteAudioStream> {
    return this._parts?.hearing.streams ?? [];
  }

  get totalParticipantCount(): number {
    return this._count;
  }

  get role(): ParticipantRole {
    return this._role;
  }

  feature<F extends CallFeature>(factory: CallFeatureFactory<F>): F {
    return this.features.get(factory);
  }

  async hangUp(options?: HangUpOptions): Promise<void> {
    if (options?.forEveryone === true) await this._living.endForEveryone();
    await this._living.hangUp();
  }

  addParticipant(participant: CommunicationIdentifier): RemoteParticipant {
    return this._living.company.add(participant);
  }

  async removeParticipant(participant: CommunicationIdentifier): Promise<void> {
    await this._living.company.remove(participant);
  }

  async muteAllRemoteParticipants(): Promise<void> {
    await this._living.company.mute(null);
  }

  async hold(): Promise<void> {
    await this._living.holding.hold();
  }

  async resume(): Promise<void> {
    await this._living.holding.resume();
  }

  async mute(): Promise<void> {
    await this._living.local.mute();
  }

  async unmute(): Promise<void> {
    this._requireAlive();
    await this._living.local.unmute();
  }

  async muteIncomingAudio(): Promise<void> {
    this._living.hearing.setMuted({ muted: true });
  }

  async unmuteIncomingAudio(): Promise<void> {
    this._living.hearing.setMuted({ muted: false });
  }

  async startAudio(localAudioStream: LocalAudioStream): Promise<void> {
    await this._living.local.startAudio(localAudioStream);
  }

  stopAudio(): void {
    this._living.local.stopAudio();
  }

  async startVideo(localVideoStream: LocalVideoStream): Promise<void> {
    this._requireAlive();
    await this._living.local.startVideo(localVideoStream);
  }

  async stopVideo(localVideoStream: LocalVideoStream): Promise<void> {
    await this._living.local.stopVideo(localVideoStream);
  }

  async startScreenSharing(localVideoStream?: LocalVideoStream): Promise<void> {
    if (this._state !== "Connected") throw raise(FAILURES.shareTooEarly);
    await this._living.local.startScreenSharing(localVideoStream);
  }

  async stopScreenSharing(): Promise<void> {
    await this._living.local.stopScreenSharing();
  }

  async setConstraints(constraints: CallConstraints): Promise<void> {
    this._requireAlive();
    const given: unknown = constraints;
    if (!isFields(given)) throw raise(FAILURES.badConstraints);
    await this._living.constrain(constraints.video);
  }

  async sendDtmf(): Promise<void> {
    throw raise(FAILURES.phonesUnsupported);
  }

  dispose(): void {
    // Whoever throws the call away does not wait for the farewell.
    void this._living.hangUp();
  }

  /** Put the call together with what stands behind it. Done once, before anybody sees it. */
  assemble(parts: CallParts): void {
    this._parts = parts;
  }

  /** The state moves forward; backward it does not. */
  moveTo(state: CallState): void {
    const now = this.isUp ? "Connected" : this._state;
    if (ORDER.indexOf(state) <= ORDER.indexOf(now)) return;
    this._state = state;
    this.emit("stateChanged");
    this.recount();
  }

  /** Somebody came or went. */
  recount(): void {
    const count = this.isUp ? this.remoteParticipants.length + 1 : 0;
    if (count === this._count) return;
    this._count = count;
    this.emit("totalParticipantCountChanged");
  }

  /** Whether it is Connected or on hold. */
  get isUp(): boolean {
    return UP.includes(this._state);
  }

  /** While the call is up, it may be held and go on. */
  holdAs(state: UpState): void {
    if (!this.isUp || state === this._state) return;
    this._state = state;
    this.emit("stateChanged");
  }

  /** The server has given the call its id. */
  rename(id: string): void {
    if (id === this._id) return;
    this._id = id;
    this.emit("idChanged");
  }

  /** Known, but not told yet: apps expect the role to be there when the call is Connected. */
  learnRole(role: ParticipantRole): void {
    this._role = role;
  }

  /** The role is another now. */
  changeRole(role: ParticipantRole): void {
    if (role === this._role) return;
    this._role = role;
    this.emit("roleChanged");
  }

  /** The own role was learnt before the call was Connected: tell it now, if there is one. */
  announceRole(): void {
    if (this._role !== "Unknown") this.emit("roleChanged");
  }

  /** Why the call is about to end. */
  setEndReason(reason: () => CallEndReason): void {
    this._endReason = reason;
  }

  private get _living(): CallParts {
    if (this._parts === undefined) throw raise(FAILURES.callEnded);
    return this._parts;
  }

  private _requireAlive(): void {
    const over = this._state === "Disconnecting" || this._state === "Disconnected";
    if (over) throw raise(FAILURES.callEnded);
  }
}
