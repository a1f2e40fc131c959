/** Who may speak and show himself. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  MediaAccess,
  MediaAccessCallFeature,
  MediaAccessCallFeatureEvents,
  MeetingMediaAccess,
} from "../api/gestures.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { identifierOf } from "../kernel/identifiers.js";
import { type Access, type Gestures, NO_GESTURES } from "../signalling/gestures.js";
import { type Asking, rawIdsOf } from "./asking.js";

/** An attendee, or somebody else of whom nothing can be taken. */
export interface Somebody {
  readonly rawId: string;
  readonly role: string;
}

const ALL: Access = { audio: true, video: true };

/** The media access of one call. */
export class MediaAccessObject
  extends Emitter<MediaAccessCallFeatureEvents>
  implements MediaAccessCallFeature
{
  readonly name = "MediaAccess";
  private _now: Pick<Gestures, "access" | "others"> = NO_GESTURES;

  constructor(
    private readonly _asking: Asking,
    private readonly _people: () => readonly Somebody[],
  ) {
    super();
  }

  permitAudio(participants: CommunicationIdentifier[]): Promise<void> {
    return this._set({ audio: true }, participants);
  }

  forbidAudio(participants: CommunicationIdentifier[]): Promise<void> {
    return this._set({ audio: false }, participants);
  }

  permitVideo(participants: CommunicationIdentifier[]): Promise<void> {
    return this._set({ video: true }, participants);
  }

  forbidVideo(participants: CommunicationIdentifier[]): Promise<void> {
    return this._set({ video: false }, participants);
  }

  permitOthersAudio(): Promise<void> {
    return this._set({ audio: true });
  }

  forbidOthersAudio(): Promise<void> {
    return this._set({ audio: false });
  }

  permitOthersVideo(): Promise<void> {
    return this._set({ video: true });
  }

  forbidOthersVideo(): Promise<void> {
    return this._set({ video: false });
  }

  getAllOthersMediaAccess(): MediaAccess[] {
    return this._people().map(({ rawId, role }) => {
      const own = role === "Attendee" ? (this._now.others.get(rawId) ?? this._now.access) : ALL;
      const participant = identifierOf(rawId);
      return { participant, isAudioPermitted: own.audio, isVideoPermitted: own.video };
    });
  }

  getMeetingMediaAccess(): MeetingMediaAccess {
    const { audio, video } = this._now.access;
    return { isAudioPermitted: audio, isVideoPermitted: video };
  }

  /** This holds now. */
  update(next: Pick<Gestures, "access" | "others">): void {
    const before = this._now;
    this._now = next;
    const meeting = !isSame(before.access, next.access);
    const single = !isSameFor(before.others, next.others);
    if (meeting)
      this.emit("meetingMediaAccessChanged", { meetingMediaAccess: this.getMeetingMediaAccess() });
    if (meeting || single)
      this.emit("mediaAccessChanged", { mediaAccesses: this.getAllOthersMediaAccess() });
  }

  private async _set(
    what: Partial<Access>,
    participants?: CommunicationIdentifier[],
  ): Promise<void> {
    const rawIds = participants === undefined ? null : rawIdsOf(participants);
    if (!this._asking.isUp()) throw raise(FAILURES.accessTooEarly);
    await this._asking.ask("mediaAccess", { rawIds, ...what });
  }
}

function isSame(one: Access, other: Access): boolean {
  return one.audio === other.audio && one.video === other.video;
}

function isSameFor(one: ReadonlyMap<string, Access>, other: ReadonlyMap<string, Access>): boolean {
  return (
    one.size === other.size &&
    [...one].every(([rawId, access]) => isSame(access, other.get(rawId) ?? ALL) && other.has(rawId))
  );
}
