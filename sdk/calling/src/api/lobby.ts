/** Where people wait to be let in. Calls of this version have none: it is always empty. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type { CollectionUpdate, Subscribable } from "./events.js";
import type { RemoteParticipant } from "./participants.js";

/** How many were let in, and how many not. */
export interface AdmitAllOperationResult {
  readonly successCount: number;
  readonly failureCount: number;
}

/** The events of a lobby. */
export interface LobbyEvents {
  lobbyParticipantsUpdated: [update: CollectionUpdate<RemoteParticipant>];
}

/** Those who wait to be let in. */
export interface Lobby extends Subscribable<LobbyEvents> {
  readonly participants: ReadonlyArray<RemoteParticipant>;
  /** Rejects with 405/49002: nobody waits here. */
  admit(participant: CommunicationIdentifier): Promise<void>;
  /** Rejects with 405/49002: nobody waits here. */
  reject(participant: CommunicationIdentifier): Promise<void>;
  /** Rejects with 405/49002: nobody waits here. */
  admitAll(): Promise<AdmitAllOperationResult>;
}
