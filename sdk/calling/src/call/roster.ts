/** Who is in a call: the server says who, the engine says what they send. */
import type { CollectionUpdate } from "../api/events.js";
import type { RemoteParticipant } from "../api/participants.js";
import type { Clock } from "../kernel/clock.js";
import type { Feed } from "../media/incoming.js";
import type { Source } from "../media/port.js";
import type { Leg, LegState, Verdict } from "../signalling/messages.js";
import { RemoteVideoStreamObject, type Screens } from "../streams/remote-video-stream.js";
import { RemoteParticipantObject } from "./remote-participant.js";

/** Why somebody is gone who never came. */
type Ends = ReadonlyMap<string, Verdict>;

const THERE: readonly LegState[] = ["connected", "hold", "reconnecting"];
const NO_ENDS: Ends = new Map();

/** What a roster needs from outside. */
export interface RosterNeeds {
  readonly screens: Screens;
  readonly clock: Clock;
  /** Mutes somebody. */
  readonly mute: (rawId: string) => Promise<void>;
  readonly onUpdated: (update: CollectionUpdate<RemoteParticipant>) => void;
  /** These endpoints of others are there now, with media or in want of it for the moment. */
  readonly onPresent: (legs: readonly Leg[]) => void;
  /** These of the others speak, the loudest first. */
  readonly onSpeakers: (rawIds: readonly string[]) => void;
}

/** The name of an endpoint in the engine. */
export function engineName({ rawId, participantId }: Leg): string {
  return `${rawId}~${participantId}`;
}

/** The others in one call: one object for a person, the same from coming to going. */
export class Roster {
  private readonly _legs = new Map<string, Leg>();
  private _names: ReadonlySet<string> = new Set();
  private readonly _people = new Map<string, RemoteParticipantObject>();
  private _feeds: readonly Feed[] = [];
  private _speakers: readonly string[] = [];
  private _lastStreamId = 0;
  private _isOpen = false;
  /** Those who were called and whom the server has not named yet. */
  private readonly _awaited = new Set<string>();

  constructor(private readonly _needs: RosterNeeds) {}

  get participants(): ReadonlyArray<RemoteParticipantObject> {
    return [...this._people.values()];
  }

  /** Whether the server counts this name of the engine among those in the call. */
  has(sender: string): boolean {
    return this._names.has(sender);
  }

  /** The `id` of a stream, by its sender's name in the engine. */
  streamIdOf(sender: string, source: Source): number | undefined {
    const key = `${source} ${sender}`;
    return [...this._people.values()].map((one) => one.streamOf(key)?.id).find(Boolean);
  }

  /** Whether somebody is there or is being called. */
  isListed(rawId: string): boolean {
    return this._people.has(rawId);
  }

  /** Whether somebody has answered, and is there with media. */
  get hasCompany(): boolean {
    return [...this._people.values()].some(
      ({ state }) => state === "Connected" || state === "Hold",
    );
  }

  /** Whether the server has not named somebody yet who is being called. */
  awaits(rawId: string): boolean {
    return this._awaited.has(rawId);
  }

  /** The call is up, or rings: from now on the app is told. */
  open(): void {
    if (this._isOpen) return;
    this._isOpen = true;
    const awaited = [...this._people.values()];
    if (awaited.length > 0) this._tell(awaited, []);
    this._update();
  }

  /** Somebody is being called: listed from now on, though the server has not named him yet. */
  expect(rawId: string): RemoteParticipant {
    const known = this._people.get(rawId);
    if (known !== undefined) return known;
    this._awaited.add(rawId);
    const person = this._add(rawId, []);
    if (this._isOpen) this._tell([person], []);
    return person;
  }

  /** The server has named all whom it calls: it calls nobody else. */
  giveUpAwaited(why: Verdict): void {
    for (const rawId of [...this._awaited]) this.giveUp(rawId, why);
  }

  /** The server does not call somebody who was awaited. */
  giveUp(rawId: string, why: Verdict): void {
    if (!this._awaited.delete(rawId)) return;
    const person = this._people.get(rawId);
    if (person === undefined) return;
    this._people.delete(rawId);
    this._tell([], [person], new Map([[rawId, why]]));
  }

  /** These are all the others now. */
  replace(legs: readonly Leg[]): void {
    this._legs.clear();
    this.change(legs, []);
  }

  /** These came or changed, those left; `ends`: why those are gone who never came. */
  change(changed: readonly Leg[], removed: readonly string[], ends: Ends = NO_ENDS): void {
    const whys = new Map<string, Verdict>();
    for (const participantId of removed) {
      const why = ends.get(participantId);
      const rawId = this._legs.get(participantId)?.rawId;
      if (why !== undefined && rawId !== undefined) whys.set(rawId, why);
      this._legs.delete(participantId);
    }
    for (const leg of changed) {
      this._legs.set(leg.participantId, leg);
      this._awaited.delete(leg.rawId);
    }
    this._names = new Set([...this._legs.values()].map(engineName));
    if (this._isOpen) this._update(whys);
  }

  /** The call is over: nobody is to be seen or heard in it any more. */
  close(): void {
    for (const person of this._people.values()) {
      for (const key of person.streamKeys) person.streamOf(key)?.setAvailable({ available: false });
    }
    this.setSpeakers([]);
  }

  /** This is what the others send now. */
  setFeeds(feeds: readonly Feed[]): void {
    this._feeds = feeds;
    this._updateMedia();
  }

  /** These speak now. */
  setSpeakers(senders: readonly string[]): void {
    this._speakers = senders;
    for (const person of this._people.values()) {
      const speaking = person.legs.some((leg) => senders.includes(engineName(leg)));
      person.setSpeaking({ speaking });
    }
    this._needs.onSpeakers(this._speakingPeople());
  }

  private _speakingPeople(): string[] {
    const owners = new Map<string, string>();
    for (const leg of this._legs.values()) owners.set(engineName(leg), leg.rawId);
    const rawIds = this._speakers.map((sender) => owners.get(sender));
    return [...new Set(rawIds.filter((rawId) => rawId !== undefined))];
  }

  private _update(whys: Ends = NO_ENDS): void {
    const now = groupBy(this._legs.values(), ({ rawId }) => rawId);
    for (const rawId of this._awaited) now.set(rawId, []);
    const removed = [...this._people].filter(([rawId]) => !now.has(rawId));
    for (const [rawId] of removed) this._people.delete(rawId);
    const added: RemoteParticipantObject[] = [];
    for (const [rawId, legs] of now) {
      const known = this._people.get(rawId);
      known?.setLegs(legs);
      if (known === undefined) added.push(this._add(rawId, legs));
    }
    this._tell(
      added,
      removed.map(([, person]) => person),
      whys,
    );
    this._updateMedia();
    this.setSpeakers(this._speakers);
    this._needs.onPresent([...this._legs.values()].filter(({ state }) => THERE.includes(state)));
  }

  private _add(rawId: string, legs: readonly Leg[]): RemoteParticipantObject {
    const person = new RemoteParticipantObject(rawId, legs, this._needs.mute);
    this._people.set(rawId, person);
    return person;
  }

  private _tell(
    added: RemoteParticipantObject[],
    removed: RemoteParticipantObject[],
    whys: Ends = NO_ENDS,
  ): void {
    for (const person of removed) person.leave(whys.get(person.rawId));
    if (added.length + removed.length > 0) this._needs.onUpdated({ added, removed });
  }

  private _updateMedia(): void {
    const sent = groupBy(this._feeds, ({ sender }) => sender);
    for (const person of this._people.values()) {
      const names = new Set(person.legs.map(engineName));
      const feeds = [...names].flatMap((name) => sent.get(name) ?? []);
      person.setMuted({
        muted: !feeds.some((feed) => feed.source === "microphone" && !feed.muted),
      });
      this._updateStreams(person, feeds, names);
    }
  }

  private _updateStreams(
    person: RemoteParticipantObject,
    feeds: readonly Feed[],
    names: ReadonlySet<string>,
  ): void {
    const pictures = new Map(
      feeds.filter(({ source }) => source !== "microphone").map((feed) => [keyOf(feed), feed]),
    );
    for (const key of person.streamKeys) {
      if (!names.has(senderIn(key))) person.removeStream(key);
      else if (!pictures.has(key)) person.streamOf(key)?.setAvailable({ available: false });
    }
    for (const [key, feed] of pictures) {
      if (person.streamOf(key) === undefined) person.addStream(key, this._stream(feed));
      person.streamOf(key)?.setAvailable({ available: !feed.muted });
    }
  }

  private _stream({ sender, source }: Feed): RemoteVideoStreamObject {
    this._lastStreamId += 1;
    const { screens, clock } = this._needs;
    return new RemoteVideoStreamObject({
      id: this._lastStreamId,
      feed: { sender, source },
      screens,
      clock,
    });
  }
}

/** The source of a picture, then who sends it. */
function keyOf({ sender, source }: Feed): string {
  return `${source} ${sender}`;
}

function senderIn(key: string): string {
  return key.slice(key.indexOf(" ") + 1);
}

function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
