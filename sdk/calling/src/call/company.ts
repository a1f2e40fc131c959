/** Calling others into a call, and taking them out of it. */
import type { ParticipantCapabilityName } from "../api/features.js";
import type { RemoteParticipant } from "../api/participants.js";
import { CommunicationServicesError, FAILURES, type Failure, raise } from "../kernel/errors.js";
import { isUser, rawIdOf } from "../kernel/identifiers.js";
import type { Operations } from "../signalling/operations.js";
import type { Roster } from "./roster.js";

/** What it works with. */
export interface CompanyNeeds {
  readonly operations: Operations;
  readonly roster: Roster;
  /** The server's id of the call while it is up; throws when it is not. */
  readonly callId: () => string;
  /** Throws when the own user may not do it. */
  readonly require: (what: ParticipantCapabilityName) => void;
  readonly ownId: () => string | undefined;
}

/** Changes who is in one call. */
export class Company {
  constructor(private readonly _needs: CompanyNeeds) {}

  /** Ring somebody into the call. What comes of it shows in the participant. */
  add(identifier: unknown): RemoteParticipant {
    const { roster, ownId } = this._needs;
    const [rawId] = usersIn([identifier], ownId());
    const callId = this._needs.callId();
    this._needs.require("addCommunicationUser");
    const person = roster.expect(rawId);
    if (roster.awaits(rawId)) void this._ring(callId, rawId);
    return person;
  }

  /** Take somebody out, or stop ringing him. */
  async remove(identifier: unknown): Promise<void> {
    const callId = this._needs.callId();
    this._needs.require("removeParticipant");
    const rawId = rawIdOf(identifier);
    if (rawId === undefined) throw raise(FAILURES.badIdentifier);
    if (!this._needs.roster.isListed(rawId)) throw raise(FAILURES.notInCall);
    await this._needs.operations.ask("remove", { callId, rawId });
  }

  /** Mute somebody, or with null everybody else. */
  async mute(rawIds: readonly string[] | null): Promise<void> {
    const callId = this._needs.callId();
    this._needs.require("muteOthers");
    await this._needs.operations.ask("mute", { callId, rawIds });
  }

  private async _ring(callId: string, rawId: string): Promise<void> {
    try {
      await this._needs.operations.ask("add", { callId, rawIds: [rawId] });
    } catch (error) {
      this._needs.roster.giveUp(rawId, failureIn(error));
    }
  }
}

/** The raw ids of users to call, each once. Throws when there are none, or others among them. */
export function usersIn(
  identifiers: unknown,
  ownId: string | undefined,
): readonly [string, ...string[]] {
  if (!Array.isArray(identifiers)) throw raise(FAILURES.badIdentifier);
  const rawIds = new Set(identifiers.map((one) => rawIdOf(one) ?? ""));
  for (const rawId of rawIds) {
    if (rawId.startsWith("4:")) throw raise(FAILURES.phonesUnsupported);
    if (!isUser(rawId) || rawId === ownId) throw raise(FAILURES.badIdentifier);
  }
  const [first, ...others] = rawIds;
  if (first === undefined) throw raise(FAILURES.badIdentifier);
  return [first, ...others];
}

function failureIn(error: unknown): Failure {
  return error instanceof CommunicationServicesError ? error : FAILURES.serverAway;
}
