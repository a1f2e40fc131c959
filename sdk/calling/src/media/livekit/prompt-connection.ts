/** Has livekit-client go on as soon as its connection for media is there. */
import { EngineEvent, type Room } from "livekit-client";

/** By itself the client looks for it every 50 ms, and the others' tracks wait for that. */
export function goOnAtOnce(engine: Room["engine"]): void {
  const look = engine.waitForPCInitialConnection.bind(engine);
  const connected = new Promise<void>((resolve) => {
    engine.once(EngineEvent.Connected, () => resolve());
  });
  engine.waitForPCInitialConnection = (...given) => Promise.race([look(...given), connected]);
}
