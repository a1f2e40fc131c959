/** How well a livekit-client room is connected. */
import { ConnectionQuality, ConnectionState, type Participant, type Room } from "livekit-client";
import { DiagnosticQuality } from "../../api/diagnostics.js";
import type { Vitals } from "../port.js";

const LOST: readonly (RTCPeerConnectionState | undefined)[] = ["disconnected", "failed", "closed"];

/** How a room is connected now. */
export function vitalsOf(room: Room): Vitals {
  const transports = room.engine.pcManager;
  const states = [transports?.publisher, transports?.subscriber].map((one) =>
    one?.getConnectionState(),
  );
  const others = [...room.remoteParticipants.values()].map(qualityOf);
  return {
    signalling: room.state === ConnectionState.Connected,
    media: transports !== undefined && !states.some((state) => LOST.includes(state)),
    quality: qualityOf(room.localParticipant),
    others: others.filter((one) => one !== undefined),
  };
}

/** Our number for a quality; undefined while the engine has not told. */
function qualityOf({ connectionQuality }: Participant): DiagnosticQuality | undefined {
  switch (connectionQuality) {
    case ConnectionQuality.Excellent:
    case ConnectionQuality.Good:
      return DiagnosticQuality.Good;
    case ConnectionQuality.Poor:
      return DiagnosticQuality.Poor;
    case ConnectionQuality.Lost:
      return DiagnosticQuality.Bad;
    default:
      return undefined;
  }
}
