/** Nobody waits to be let in: whoever may not join is refused, and may try again. */
import type { AdmitAllOperationResult, Lobby, LobbyEvents } from "../api/lobby.js";
import type { RemoteParticipant } from "../api/participants.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";

const NOBODY = "Nobody waits in the lobby of this call.";

/** The lobby of one call. */
export class LobbyObject extends Emitter<LobbyEvents> implements Lobby {
  get participants(): ReadonlyArray<RemoteParticipant> {
    return [];
  }

  async admit(): Promise<void> {
    throw raise(FAILURES.featureNotSupported, NOBODY);
  }

  async reject(): Promise<void> {
    throw raise(FAILURES.featureNotSupported, NOBODY);
  }

  async admitAll(): Promise<AdmitAllOperationResult> {
    throw raise(FAILURES.featureNotSupported, NOBODY);
  }
}
