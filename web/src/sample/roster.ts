/** Everybody else in the call, as the page shows them. */
import type { Call, RemoteParticipant, RemoteVideoStream } from "@openrooms/calling";
import { shownName } from "./names.js";

/** Told about the people of a call. */
export interface RosterListener {
  joined(person: Person): void;
  left(person: Person): void;
  changed(person: Person, what: "muted" | "look"): void;
}

/** One other participant. */
export class Person {
  private readonly _received = new Set<RemoteVideoStream>();
  private readonly _streams = new Map<RemoteVideoStream, () => void>();

  constructor(
    readonly participant: RemoteParticipant,
    private readonly _changed: (person: Person, what: "muted" | "look") => void,
  ) {
    participant.on("isMutedChanged", this._mutedChanged);
    participant.on("isSpeakingChanged", this._lookChanged);
    participant.on("displayNameChanged", this._lookChanged);
    participant.on("roleChanged", this._lookChanged);
    participant.on("stateChanged", this._lookChanged);
    participant.on("videoStreamsUpdated", this._streamsUpdated);
    for (const stream of participant.videoStreams) this._follow(stream);
  }

  get rawId(): string {
    return rawIdOf(this.participant.identifier);
  }

  get givenName(): string {
    return this.participant.displayName ?? "";
  }

  get name(): string {
    return shownName(this.givenName);
  }

  get camera(): RemoteVideoStream | undefined {
    return this._available("Video");
  }

  get screen(): RemoteVideoStream | undefined {
    return this._available("ScreenSharing");
  }

  /** Whether the picture of this person has stopped without having been switched off. */
  get away(): boolean {
    const { camera } = this;
    return camera !== undefined && this._received.has(camera) && !camera.isReceiving;
  }

  dispose(): void {
    const { participant } = this;
    participant.off("isMutedChanged", this._mutedChanged);
    participant.off("isSpeakingChanged", this._lookChanged);
    participant.off("displayNameChanged", this._lookChanged);
    participant.off("roleChanged", this._lookChanged);
    participant.off("stateChanged", this._lookChanged);
    participant.off("videoStreamsUpdated", this._streamsUpdated);
    for (const unfollow of this._streams.values()) unfollow();
  }

  private _available(type: "Video" | "ScreenSharing"): RemoteVideoStream | undefined {
    const streams = this.participant.videoStreams;
    return streams.filter((one) => one.mediaStreamType === type && one.isAvailable).at(-1);
  }

  private _follow(stream: RemoteVideoStream): void {
    const flow = (): void => {
      // Before its first picture a stream is only slow.
      if (stream.isReceiving) this._received.add(stream);
      else if (!stream.isAvailable) this._received.delete(stream);
      this._lookChanged();
    };
    stream.on("isAvailableChanged", flow);
    stream.on("isReceivingChanged", flow);
    this._streams.set(stream, () => {
      this._received.delete(stream);
      stream.off("isAvailableChanged", flow);
      stream.off("isReceivingChanged", flow);
    });
  }

  private readonly _mutedChanged = (): void => this._changed(this, "muted");

  private readonly _lookChanged = (): void => this._changed(this, "look");

  private readonly _streamsUpdated = (update: {
    added: RemoteVideoStream[];
    removed: RemoteVideoStream[];
  }): void => {
    for (const stream of update.removed) {
      this._streams.get(stream)?.();
      this._streams.delete(stream);
    }
    for (const stream of update.added) this._follow(stream);
    this._lookChanged();
  };
}

/** The others, in the order in which they came. */
export class Roster {
  private readonly _people = new Map<RemoteParticipant, Person>();

  constructor(
    private readonly _call: Call,
    private readonly _listener: RosterListener,
  ) {
    _call.on("remoteParticipantsUpdated", this._updated);
    for (const participant of _call.remoteParticipants) this._add(participant);
  }

  get people(): Person[] {
    return [...this._people.values()];
  }

  dispose(): void {
    this._call.off("remoteParticipantsUpdated", this._updated);
    for (const person of this._people.values()) person.dispose();
    this._people.clear();
  }

  private readonly _updated = (update: {
    added: RemoteParticipant[];
    removed: RemoteParticipant[];
  }): void => {
    for (const participant of update.removed) this._remove(participant);
    for (const participant of update.added) {
      const person = this._add(participant);
      if (person !== undefined) this._listener.joined(person);
    }
  };

  private _add(participant: RemoteParticipant): Person | undefined {
    if (this._people.has(participant)) return undefined;
    const person = new Person(participant, (who, what) => this._listener.changed(who, what));
    this._people.set(participant, person);
    return person;
  }

  private _remove(participant: RemoteParticipant): void {
    const person = this._people.get(participant);
    if (person === undefined) return;
    person.dispose();
    this._people.delete(participant);
    this._listener.left(person);
  }
}

/** The raw id behind any kind of identifier; empty when it has none. */
export function rawIdOf(identifier: object): string {
  for (const field of ["rawId", "communicationUserId", "id", "phoneNumber"]) {
    const found: unknown = Reflect.get(identifier, field);
    if (typeof found === "string") return found;
  }
  return "";
}
