/** Lets a room of livekit-client begin before it is known where it connects, and with which ticket. */
import type { Room, RoomConnectOptions } from "livekit-client";
import type { EngineAddress } from "../port.js";
import { goOnAtOnce } from "./prompt-connection.js";
import { keepWayThatStands } from "./standing-way.js";

/** What the client is given until the address is known. Nothing is sent there. */
const NOWHERE = "ws://nowhere.invalid";

/** A connection that has begun. */
export interface LateConnection {
  /** Settles as the client's own `connect`. */
  readonly connected: Promise<void>;
  /** It connects here. Only the first call counts. */
  go(address: EngineAddress): void;
  /** It connects nowhere any more, if it was not told where. */
  giveUp(): void;
}

/**
 * Begin to connect a room. The client makes its connection for media and the offer for it, which
 * goes with its request, and then waits for the address.
 */
export function connectLate(room: Room, options: RoomConnectOptions): LateConnection {
  let go: (address: EngineAddress) => void = () => undefined;
  let giveUp: () => void = () => undefined;
  const address = new Promise<EngineAddress>((resolve, reject) => {
    go = resolve;
    giveUp = () => reject(new Error("The room was closed before it was known where it connects."));
  });
  address.catch(() => undefined);
  const { engine } = room;
  const join = engine.client.join.bind(engine.client);
  engine.client.join = async (_url, _token, ...rest) => {
    const { url, ticket } = await address;
    // By these it makes its signalling again when that is lost.
    engine["url"] = url;
    engine["token"] = ticket;
    return join(url, ticket, ...rest);
  };
  cleanUpAfterFailure(engine);
  goOnAtOnce(engine);
  keepWayThatStands(engine);
  const connected = room.connect(NOWHERE, "", options);
  // Whoever waits for it hears of a failure; nobody may.
  connected.catch(() => undefined);
  return { connected, go, giveUp };
}

/** What was made for a join that comes to nothing, the client forgets without closing it. */
function cleanUpAfterFailure(engine: Room["engine"]): void {
  const join = engine.join.bind(engine);
  engine.join = async (...given) => {
    try {
      return await join(...given);
    } catch (error) {
      await engine.cleanupPeerConnections();
      throw error;
    }
  };
}
