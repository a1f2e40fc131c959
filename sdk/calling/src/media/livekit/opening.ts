/** Opens a microphone that is sent in silence, if one more may be open. */
import { type LocalTrack, type Room, RoomEvent } from "livekit-client";
import { MicrophonesFull, NotPermitted } from "../port.js";

/** Reasons of the engine's answers, as its protocol numbers them. */
const OK = 0;
const NOT_ALLOWED = 2;
const LIMIT_EXCEEDED = 3;

/** Let the others hear it. Rejects, and leaves it muted, when the service says no. */
export async function openMicrophone(room: Room, track: LocalTrack, sid: string): Promise<void> {
  const answer = answerTo(room, sid);
  await track.unmute();
  const reason = await answer;
  if (reason === OK) return;
  await track.mute();
  if (reason === LIMIT_EXCEEDED) throw new MicrophonesFull();
  if (reason === NOT_ALLOWED) throw new NotPermitted();
  throw new Error(`The microphone was not opened: reason ${reason}.`);
}

/** What the service says of it. In a room that ends meanwhile nobody says anything any more. */
function answerTo(room: Room, sid: string): Promise<number> {
  const { engine } = room;
  return new Promise((resolve) => {
    // An answer that was on its way when the connection broke is lost; asking twice is harmless.
    const again = (): void => engine.updateMuteStatus(sid, false);
    room.on(RoomEvent.Reconnected, again);
    engine.on("signalRequestResponse", function hear({ reason, request }) {
      if (request.case !== "mute" || request.value.sid !== sid) return;
      engine.off("signalRequestResponse", hear);
      room.off(RoomEvent.Reconnected, again);
      resolve(reason);
    });
  });
}
