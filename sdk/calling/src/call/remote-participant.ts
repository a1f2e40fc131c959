/** Somebody else in a call. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";
import type { CallEndReason } from "../api/call.js";
import type {
  EndpointDetails,
  ParticipantRole,
  RemoteParticipant,
  RemoteParticipantEvents,
  RemoteParticipantState,
} from "../api/participants.js";
import type { RemoteVideoStream } from "../api/streams.js";
import { Emitter } from "../kernel/emitter.js";
import { identifierOf } from "../kernel/identifiers.js";
import type { Leg, Verdict } from "../signalling/messages.js";
import type { RemoteVideoStreamObject } from "../streams/remote-video-stream.js";
import { endReason } from "./end-reason.js";

/** One person with however many endpoints. */
export class RemoteParticipantObject
  extends Emitter<RemoteParticipantEvents>
  implements RemoteParticipant
{
  private readonly _streams = new Map<string, RemoteVideoStreamObject>();
  private _legs: readonly Leg[];
  private _displayName: string | undefined;
  private _hasDisplayNameChanged = false;
  private _role: ParticipantRole;
  private _state: RemoteParticipantState;
  private _why: Verdict | undefined;
  private _isMuted = true;
  private _isSpeaking = false;

  constructor(
    readonly rawId: string,
    legs: readonly Leg[],
    private readonly _mute: (rawId: string) => Promise<void>,
  ) {
    super();
    this._legs = legs;
    this._displayName = nameIn(legs);
    this._role = roleIn(legs);
    this._state = stateIn(legs);
  }

  get identifier(): CommunicationIdentifierKind {
    return identifierOf(this.rawId);
  }

  get displayName(): string | undefined {
    return this._displayName;
  }

  get hasDisplayNameChanged(): boolean {
    return this._hasDisplayNameChanged;
  }

  get state(): RemoteParticipantState {
    return this._state;
  }

  get callEndReason(): CallEndReason | undefined {
    return this._why && endReason(this._why);
  }

  get videoStreams(): ReadonlyArray<RemoteVideoStream> {
    return [...this._streams.values()];
  }

  get isMuted(): boolean {
    return this._isMuted;
  }

  get isSpeaking(): boolean {
    return this._isSpeaking;
  }

  get role(): ParticipantRole {
    return this._role;
  }

  get endpointDetails(): EndpointDetails[] {
    return this._legs.map(({ participantId }) => ({ participantId }));
  }

  mute(): Promise<void> {
    return this._mute(this.rawId);
  }

  /** The endpoints as the server tells them. */
  get legs(): readonly Leg[] {
    return this._legs;
  }

  /** The server told something new about the endpoints. Somebody who is awaited has none yet. */
  setLegs(legs: readonly Leg[]): void {
    this._legs = legs;
    this._moveTo(stateIn(legs));
    this._rename(nameIn(legs));
    const role = roleIn(legs);
    if (role === this._role) return;
    this._role = role;
    this.emit("roleChanged");
  }

  private _rename(newValue: string | undefined): void {
    const oldValue = this._displayName;
    if (newValue === oldValue) return;
    this._displayName = newValue;
    // Whoever is called has no name before he is there.
    const isEdited = newValue !== undefined && oldValue !== undefined;
    if (isEdited) this._hasDisplayNameChanged = true;
    this.emit("displayNameChanged", {
      ...(newValue === undefined ? {} : { newValue }),
      ...(oldValue === undefined ? {} : { oldValue }),
      ...(isEdited ? { reason: "editedDisplayName" as const } : {}),
    });
  }

  setMuted({ muted }: { readonly muted: boolean }): void {
    if (muted === this._isMuted) return;
    this._isMuted = muted;
    this.emit("isMutedChanged");
  }

  setSpeaking({ speaking }: { readonly speaking: boolean }): void {
    if (speaking === this._isSpeaking) return;
    this._isSpeaking = speaking;
    this.emit("isSpeakingChanged");
  }

  /** The stream under a key, if there is one. */
  streamOf(key: string): RemoteVideoStreamObject | undefined {
    return this._streams.get(key);
  }

  /** The keys of all streams. */
  get streamKeys(): readonly string[] {
    return [...this._streams.keys()];
  }

  /** A source was seen for the first time. */
  addStream(key: string, stream: RemoteVideoStreamObject): void {
    this._streams.set(key, stream);
    this.emit("videoStreamsUpdated", { added: [stream], removed: [] });
  }

  /** The endpoint of a source has left. */
  removeStream(key: string): void {
    const stream = this._streams.get(key);
    if (stream === undefined) return;
    stream.setAvailable({ available: false });
    this._streams.delete(key);
    this.emit("videoStreamsUpdated", { added: [], removed: [stream] });
  }

  /** The last endpoint has left, or the first never came: then the server says why. */
  leave(why?: Verdict): void {
    this._why = why;
    this.setSpeaking({ speaking: false });
    for (const key of this.streamKeys) this.removeStream(key);
    this._moveTo("Disconnected");
  }

  private _moveTo(state: RemoteParticipantState): void {
    if (state === this._state) return;
    this._state = state;
    this.emit("stateChanged");
  }
}

/** The newest endpoint's name; an empty one is none. */
function nameIn(legs: readonly Leg[]): string | undefined {
  return [...legs].reverse().find(({ displayName }) => displayName !== "")?.displayName;
}

/** The furthest of the endpoints. */
function stateIn(legs: readonly Leg[]): RemoteParticipantState {
  const states = legs.map(({ state }) => state);
  if (states.some((state) => state === "connected" || state === "reconnecting")) return "Connected";
  if (states.includes("hold")) return "Hold";
  return states.includes("ringing") && !states.includes("connecting") ? "Ringing" : "Connecting";
}

function roleIn(legs: readonly Leg[]): ParticipantRole {
  return legs.at(-1)?.role ?? "Unknown";
}
