/** What the life of a call works with, and how it begins. */
import type { Chance } from "../kernel/chance.js";
import type { Clock } from "../kernel/clock.js";
import type { Log } from "../kernel/log.js";
import type { Incoming } from "../media/incoming.js";
import type { MakeRoom, MediaRoom } from "../media/port.js";
import type { AgentSocket } from "../signalling/agent-socket.js";
import type { Entry, Operations } from "../signalling/operations.js";
import type { CallObject } from "./call.js";
import type { Hearing } from "./hearing.js";
import type { Holding } from "./holding.js";
import type { LocalMedia } from "./local-media.js";
import type { Place } from "./place.js";
import type { Roster } from "./roster.js";
import type { Watches } from "./watches.js";

/** What a session works with. */
export interface SessionNeeds {
  readonly call: CallObject;
  readonly local: LocalMedia;
  readonly roster: Roster;
  readonly incoming: Incoming;
  readonly watches: Watches;
  /** What works in whatever room there is. */
  readonly bound: readonly { bind(room: MediaRoom | undefined): void }[];
  readonly socket: AgentSocket;
  readonly operations: Operations;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly hearing: Hearing;
  readonly holding: Holding;
  readonly holdOthers: () => Promise<void>;
  readonly onEnded: () => void;
}

/** How one call begins. */
export interface SessionRequest {
  readonly joinId: string;
  readonly entry: Entry;
  readonly place: Place;
}
