/** Joins calls for one user. */

import type {
  CommunicationIdentifier,
  CommunicationTokenCredential,
} from "@azure/communication-common";
import type {
  CallAgent,
  CallAgentEvents,
  ConnectionState,
  ConnectionStateChangedEventArgs,
} from "../api/agent.js";
import type { Call, JoinCallOptions, StartCallOptions } from "../api/call.js";
import type { DeviceManagerObject } from "../devices/device-manager.js";
import type { Chance } from "../kernel/chance.js";
import type { Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { NewId } from "../kernel/ids.js";
import type { Log } from "../kernel/log.js";
import type { Forget, Page } from "../kernel/page.js";
import { limitsBy, NO_LIMITS } from "../media/limits.js";
import type { MakeRoom } from "../media/port.js";
import { AgentSocket, type Trouble } from "../signalling/agent-socket.js";
import { contextFields } from "../signalling/context.js";
import type { CallNames, Ring, ServerEvent } from "../signalling/messages.js";
import { Operations } from "../signalling/operations.js";
import type { OpenSocket } from "../signalling/socket.js";
import { isLocalAudioStream, type LocalAudioStream } from "../streams/local-audio-stream.js";
import { isLocalVideoStream, type LocalVideoStream } from "../streams/local-video-stream.js";
import { usersIn } from "./company.js";
import { CANCELLED } from "./end-reason.js";
import { callerIn } from "./incoming-call.js";
import { IncomingCalls } from "./incoming-calls.js";
import { type CallPlan, makeCall, type RunningCall } from "./make-call.js";
import { isNowhere, isSamePlace, type Place, placeIn } from "./place.js";

/** How a call begins. */
type Beginning = Pick<CallPlan, "entry" | "place" | "called" | "direction" | "caller" | "id">;

/** Nobody called: the app joined, or called others. */
const OUTGOING = { direction: "Outgoing", caller: () => ({ identifier: undefined }) } as const;

/** What the outside world is, for an agent. */
export interface World {
  readonly open: OpenSocket;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly newId: NewId;
  readonly page: Page;
  readonly log: Log;
}

/** What an agent is made from. */
export interface AgentParts {
  readonly world: World;
  readonly credential: CommunicationTokenCredential;
  readonly displayName: string | undefined;
  readonly proxy: string | undefined;
  readonly devices: DeviceManagerObject;
  readonly onDisposed: () => void;
}

/** One call agent. */
export class CallAgentObject extends Emitter<CallAgentEvents> implements CallAgent {
  readonly kind = "CallAgent";
  readonly displayName: string | undefined;
  private readonly _socket: AgentSocket;
  private readonly _operations: Operations;
  private readonly _incoming: IncomingCalls;
  private readonly _forget: Forget[];
  private _running: readonly RunningCall[] = [];
  /** The calls that the app was told of. */
  private readonly _told = new Set<Call>();
  private _farewells: Promise<unknown> = Promise.resolve();
  private _connectionState: ConnectionState = "Disconnected";
  private _isDisposed = false;

  constructor(private readonly _parts: AgentParts) {
    super();
    const { world, credential, displayName, proxy, devices } = _parts;
    this.displayName = displayName;
    const { page, clock, chance } = world;
    this._socket = new AgentSocket(
      { ...world, credential, displayName, proxy, online: () => page.isOnline() },
      {
        onConnected: () => this._connected(),
        onDisconnected: (trouble) => this._disconnected(trouble),
        onEvent: (event) => this._hear(event),
      },
    );
    this._operations = new Operations(this._socket, clock, chance);
    this._incoming = new IncomingCalls(clock, {
      accept: (ring, options) => this._accept(ring, options),
      reject: (ring) => this._reject(ring),
    });
    const onMicrophone = (): void => this._changeDevice("microphone");
    const onSpeaker = (): void => this._changeDevice("speaker");
    devices.on("selectedMicrophoneChanged", onMicrophone);
    devices.on("selectedSpeakerChanged", onSpeaker);
    this._forget = [
      page.onLeave(() => this._vanish()),
      page.onReturn(() => this._socket.wakeUp()),
      page.onNetwork(() => this._socket.hurry()),
      () => devices.off("selectedMicrophoneChanged", onMicrophone),
      () => devices.off("selectedSpeakerChanged", onSpeaker),
    ];
  }

  get calls(): ReadonlyArray<Call> {
    return this._running.map(({ call }) => call);
  }

  get connectionState(): ConnectionState {
    return this._connectionState;
  }

  /** The raw id of the user, once connected. */
  get rawId(): string | undefined {
    return this._socket.rawId;
  }

  /** Connect for the first time. Rejects when the server refuses or is away. */
  async open(): Promise<void> {
    await this._socket.start();
  }

  join(locator: Parameters<CallAgent["join"]>[0], options?: JoinCallOptions): Call {
    if (this._isDisposed) throw raise(FAILURES.agentDisposed);
    const place = placeIn(locator);
    if (this._isIn(place)) throw raise(FAILURES.joinedAlready);
    const entry = { op: "join", fields: place } as const;
    const running = this._make({ ...OUTGOING, entry, place, called: [] }, options);
    queueMicrotask(() => this._begin(running));
    return running.call;
  }

  startCall(participants: CommunicationIdentifier[], options?: StartCallOptions): Call {
    if (this._isDisposed) throw raise(FAILURES.agentDisposed);
    const called = usersIn(participants, this.rawId);
    const fields = { rawIds: called, ...contextFields(options) };
    const entry = { op: "start", fields } as const;
    const running = this._make({ ...OUTGOING, entry, place: {}, called }, options);
    queueMicrotask(() => this._begin(running));
    return running.call;
  }

  private _make(beginning: Beginning, options: JoinCallOptions | undefined): RunningCall {
    const { world, devices } = this._parts;
    const running = makeCall({
      ...beginning,
      world,
      devices,
      socket: this._socket,
      operations: this._operations,
      muted: options?.audioOptions?.muted === true,
      voice: voiceIn(options),
      streams: streamsIn(options),
      limits: limitsBy(NO_LIMITS, options?.videoOptions?.constraints),
      holdOthers: (than) => this._holdOthers(than),
      onEnded: (ended) => this._remove(ended),
    });
    this._running = [...this._running, running];
    return running;
  }

  /** One call is active at a time. What cannot be held goes on: nobody's call ends for it. */
  private async _holdOthers(than: Call): Promise<void> {
    const others = this._running.filter(({ call }) => call !== than && call.isUp);
    await Promise.allSettled(others.map(({ call }) => call.hold()));
  }

  private async _accept(ring: Ring, options: JoinCallOptions | undefined): Promise<Call> {
    const { participantId } = ring;
    this._incoming.forget(participantId);
    const running = this._make(
      {
        entry: { op: "accept", fields: { participantId } },
        place: {},
        called: [],
        direction: "Incoming",
        caller: () => callerIn(ring),
        id: ring.call.callId,
      },
      options,
    );
    this._begin(running);
    const refusal = await running.session.entered;
    if (refusal !== undefined) throw raise(refusal);
    return running.call;
  }

  private async _reject({ participantId }: Ring): Promise<void> {
    this._incoming.forget(participantId);
    await this._operations.ask("reject", { participantId });
  }

  private _isIn(place: Place): boolean {
    return this._running.some(
      ({ session }) => isSamePlace(session.place, place) && !session.isLeaving,
    );
  }

  async dispose(): Promise<void> {
    if (this._isDisposed) return;
    this._isDisposed = true;
    for (const forget of this._forget) forget();
    this._incoming.close(CANCELLED);
    await Promise.all(this._running.map(({ session }) => session.hangUp()));
    await this._socket.close();
    this._setConnection("Disconnected");
    this._parts.onDisposed();
  }

  /** The app has the call in its hands by now and can listen. */
  private _begin(running: RunningCall): void {
    const { call, session } = running;
    // Hung up in the same breath: nobody needs to hear of it.
    if (!this._running.includes(running)) return;
    this._told.add(call);
    this.emit("callsUpdated", { added: [call], removed: [] });
    void session.run(Promise.all([this._farewells, this._operations.settled]));
  }

  private _remove({ call, session }: RunningCall): void {
    this._running = this._running.filter((one) => one.call !== call);
    this._farewells = Promise.all([this._farewells, session.farewell]);
    if (this._told.delete(call)) this.emit("callsUpdated", { added: [], removed: [call] });
  }

  private _connected(): void {
    this._incoming.recall();
    for (const { session } of this._running) session.onConnected();
    this._setConnection("Connected");
  }

  private _disconnected(trouble: Trouble): void {
    for (const { session } of this._running) session.onDisconnected();
    this._setConnection("Disconnected", trouble);
  }

  private _setConnection(newValue: ConnectionState, reason?: Trouble): void {
    const oldValue = this._connectionState;
    if (newValue === oldValue) return;
    this._connectionState = newValue;
    const change: ConnectionStateChangedEventArgs = { newValue, oldValue };
    this.emit("connectionStateChanged", reason === undefined ? change : { ...change, reason });
  }

  private _hear(event: ServerEvent): void {
    if (event.event === "tokenExpiring") return;
    if (event.event === "signedOut") {
      this._incoming.close(event);
      for (const { session } of this._running) session.end(event);
      return;
    }
    if (event.event === "incoming") {
      const incomingCall = this._incoming.ring(event);
      if (incomingCall !== undefined) this.emit("incomingCall", { incomingCall });
      return;
    }
    if (event.event === "incomingEnded") {
      this._incoming.end(event.participantId, event);
      return;
    }
    const callId = event.event === "snapshot" ? event.call.callId : event.callId;
    const known = this._running.filter(({ session }) => session.callId === callId);
    for (const { session } of known) session.onEvent(event);
    if (known.length === 0 && event.event === "snapshot") this._disown(event.call);
  }

  /** The server keeps a call that we left while it was out of touch: leave it now. */
  private _disown(names: CallNames): void {
    const isDirect = names.kind === "direct";
    const entering = this._running.some(
      ({ session }) =>
        session.isEntering &&
        (isDirect ? isNowhere(session.place) : isSamePlace(session.place, names)),
    );
    if (!entering) void this._operations.leave(names.callId);
  }

  private _changeDevice(kind: "microphone" | "speaker"): void {
    for (const { session } of this._running) session.changeDevice(kind);
  }

  private _vanish(): void {
    this._socket.sleep();
    for (const { session } of this._running) session.vanish();
  }
}

function voiceIn(options: JoinCallOptions | undefined): LocalAudioStream | undefined {
  const [voice, ...others] = options?.audioOptions?.localAudioStreams ?? [];
  if (voice === undefined) return undefined;
  if (![voice, ...others].every(isLocalAudioStream)) throw raise(FAILURES.badAudioStream);
  return voice;
}

function streamsIn(options: JoinCallOptions | undefined): readonly LocalVideoStream[] {
  const streams = options?.videoOptions?.localVideoStreams ?? [];
  if (!streams.every(isLocalVideoStream)) throw raise(FAILURES.badVideoStream);
  return streams.slice(0, 1);
}
