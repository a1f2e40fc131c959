/** Leaves media alone that goes on, when livekit-client has made its signalling anew. */
import { EngineEvent, type Room } from "livekit-client";

/** In such a time something comes by a way that stands; sound alone is fifty packets a second. */
const LOOK_MS = 200;

type Engine = Room["engine"];
type Publisher = NonNullable<Engine["pcManager"]>["publisher"];

/**
 * By itself the client restarts ICE each time. The engine gives up the way that media has at once
 * then, and a browser whose network was away a moment ago took three seconds to find the next.
 */
export function keepWayThatStands(engine: Engine): void {
  engine.on(EngineEvent.SignalResumed, () => {
    const manager = engine.pcManager;
    if (manager === undefined) return;
    const { triggerIceRestart } = Object.getPrototypeOf(manager) as typeof manager;
    manager.triggerIceRestart = async () => {
      // Whatever was to be agreed on meanwhile is agreed on either way.
      if (await stands(manager.publisher)) await manager.createAndSendPublisherOffer();
      else await triggerIceRestart.call(manager);
    };
  });
}

async function stands(publisher: Publisher): Promise<boolean> {
  // An offer whose answer was lost is got rid of by a restart alone.
  const isSettled = publisher.getSignallingState() === "stable";
  if (!isSettled || publisher.getConnectionState() !== "connected") return false;
  const before = await received(publisher);
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return (await received(publisher)) > before;
}

/** How many bytes came by all ways so far. */
async function received(publisher: Publisher): Promise<number> {
  let bytes = 0;
  (await publisher.getStats())?.forEach(({ type, bytesReceived }: RTCStats & Came) => {
    if (type === "candidate-pair") bytes += bytesReceived ?? 0;
  });
  return bytes;
}

interface Came {
  readonly bytesReceived?: number;
}
