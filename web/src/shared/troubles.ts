/** What stands in the way before a call can begin, or of a camera and a microphone, in plain words. */
import type { EndCode, Reason } from "./reasons.js";

/** What the page needs from the browser. */
export interface Surroundings {
  readonly secure: boolean;
  readonly media: boolean;
  readonly connections: boolean;
  readonly sockets: boolean;
}

/** What this browser can do here. */
export function surroundings(): Surroundings {
  return {
    secure: window.isSecureContext,
    media: "mediaDevices" in navigator && "getUserMedia" in navigator.mediaDevices,
    connections: "RTCPeerConnection" in window,
    sockets: "WebSocket" in window,
  };
}

/** Why a camera or a microphone gave nothing. */
export type DeviceTrouble = "denied" | "missing" | "busy" | "failed";

/** Why the page cannot hold calls here; undefined when it can. */
export function unsupported(found: Surroundings, address: string): Reason | undefined {
  if (!found.secure) {
    return {
      title: "This address is not secure",
      text:
        `Browsers give camera and microphone to secure addresses only. Open the link with https:// ` +
        `instead of ${address}, or use http://localhost on the machine of the server itself.`,
    };
  }
  if (found.media && found.connections && found.sockets) return undefined;
  return {
    title: "This browser cannot hold calls",
    text: "Open the link in a current Chrome, Edge, Firefox or Safari.",
  };
}

/** What is wrong with a link that cannot be opened. */
export function brokenLink(missing: "room" | "token" | "everything"): Reason {
  if (missing === "everything") {
    return {
      title: "This page needs a call link",
      text: "Open the whole link from your invitation. Everything after the # belongs to it.",
    };
  }
  const part = missing === "room" ? "the room" : "your personal pass";
  return {
    title: "This link is not complete",
    text: `A part of it is missing: ${part}. Copy the whole link from your invitation, to its very end.`,
  };
}

/** Why the server did not answer; the certificate is named where it may be the reason. */
export function unreachable(origin: string, answers: boolean): Reason {
  const again = "Try again";
  const title = "The server could not be reached";
  if (answers) {
    const text =
      "The server answers, but calls cannot connect to it. A proxy or a protection program may be " +
      "holding WebSockets back. Try another network.";
    return { title, text, again };
  }
  if (!origin.startsWith("https:")) {
    return {
      title,
      text: "Check your network. The server may also be switched off for a moment.",
      again,
    };
  }
  const text =
    `Check your network. If this browser does not trust the server's certificate, open ${origin}/ in a ` +
    "new tab and accept it there, or run “openrooms trust” on this machine. Then come back.";
  return { title, text, again };
}

/** What kind of trouble the numbers of a device's error stand for. */
export function deviceTrouble(error: unknown): DeviceTrouble {
  const { subCode } = codeOf(error);
  if ([40613, 43001, 43015, 43016, 49003, 49008].includes(subCode)) return "denied";
  if ([43013, 43019, 49009].includes(subCode)) return "missing";
  if (subCode === 43000) return "busy";
  return "failed";
}

/** A device's trouble in words, with the way out. */
export function tellTrouble(device: "camera" | "microphone", trouble: DeviceTrouble): string {
  switch (trouble) {
    case "denied":
      return `This page may not use your ${device}. Allow it in the browser's address bar, then switch the ${device} on.`;
    case "missing":
      return `No ${device} was found. Connect one, then switch it on.`;
    case "busy":
      return `Another program uses your ${device}. Close it, then switch the ${device} on again.`;
    default:
      return `Your ${device} did not start. Switch it on again, or choose another one.`;
  }
}

/** That one can join all the same, and what that means. */
export function tellWithout(device: "camera" | "microphone"): string {
  return `You can join without it; others will not ${device === "camera" ? "see" : "hear"} you.`;
}

/** The numbers of whatever was thrown; 0/0 is never made up for an error. */
export function codeOf(error: unknown): EndCode {
  const fields: object = typeof error === "object" && error !== null ? error : {};
  const code = "code" in fields && typeof fields.code === "number" ? fields.code : 500;
  const named = "subCode" in fields ? fields.subCode : undefined;
  return { code, subCode: typeof named === "number" ? named : 0 };
}
