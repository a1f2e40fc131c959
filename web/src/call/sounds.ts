/** What one hears while a call rings and when it ends: of our own, handed out with the page. */
import type { CallingSounds } from "@azure/communication-react";
import ended from "./art/ended.wav";
import ringing from "./art/ringing.wav";

/** The sounds of a call. */
export const SOUNDS: CallingSounds = {
  callEnded: { url: ended },
  callRinging: { url: ringing },
  callBusy: { url: ended },
};
