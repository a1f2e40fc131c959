/** An agent socket against a fake server, with time by hand. */
import { type AgentNeeds, AgentSocket, type Trouble } from "../../src/signalling/agent-socket.js";
import type { ServerEvent } from "../../src/signalling/messages.js";
import { ManualClock } from "./clock.js";
import { quiet } from "./log.js";
import type { FakeServer } from "./server.js";
import { FakeCredential } from "./token.js";

/** What an agent socket told, in order. */
export type Told = { connected: boolean } | { disconnected: Trouble } | { event: ServerEvent };

/** A socket with everything around it. */
export interface Bench {
  readonly clock: ManualClock;
  readonly credential: FakeCredential;
  readonly told: Told[];
  readonly socket: AgentSocket;
}

/** A socket that is not connected yet. */
export function benchFor(server: FakeServer, changes: Partial<AgentNeeds> = {}): Bench {
  const clock = new ManualClock();
  const credential = new FakeCredential([server.token()]);
  const told: Told[] = [];
  const socket = new AgentSocket(
    {
      credential,
      clock,
      displayName: "Ada",
      proxy: undefined,
      open: server.open,
      chance: () => 0.5,
      online: () => true,
      log: quiet,
      ...changes,
    },
    {
      onConnected: ({ resumed }) => told.push({ connected: resumed }),
      onDisconnected: (disconnected) => told.push({ disconnected }),
      onEvent: (event) => told.push({ event }),
    },
  );
  return { clock, credential, told, socket };
}

/** Wait until the socket has told at least so many things. */
export async function toldOf({ told }: Bench, count: number): Promise<Told[]> {
  while (told.length < count) await new Promise((resolve) => setImmediate(resolve));
  return told;
}

/** Let half a minute pass on a line that stays alive. */
export async function passHalfAMinute({ clock }: Bench): Promise<void> {
  for (let rounds = 0; rounds < 2; rounds += 1) {
    await clock.passWhenAsked(15_000);
    await clock.cleared(5_000);
  }
}
