/** Why a call did not begin or came to its end, in words for the person in front of the screen. */

/** How a call ended: the pair of numbers that the SDK gives. */
export interface EndCode {
  readonly code: number;
  readonly subCode: number;
}

/** One reason, told. */
export interface Reason {
  readonly title: string;
  readonly text: string;
  /** What the button that leads back into the call says; without one there is no way back. */
  readonly again?: "Join again" | "Try again";
}

const NETWORK_SETUP: Reason = {
  title: "Sound and picture could not get through",
  text:
    "The call was found, but your network does not let its sound and picture pass. Try another " +
    "network, for example your phone's, or turn off a VPN. In a company network, ask the people who run it.",
  again: "Try again",
};

const NETWORK_LOST: Reason = {
  title: "The connection was lost",
  text: "Your network was away for too long, so the call ended for you. Check it, then come back.",
  again: "Join again",
};

const LINK_OVER: Reason = {
  title: "Your link is no longer valid",
  text:
    "The pass in it has run out, was withdrawn or is not complete. " +
    "Ask the person who invited you for a new link.",
};

const REMOVED: Reason = {
  title: "You were taken out of the call",
  text: "Somebody who leads the call removed you. If that was a mistake, ask them to let you back in.",
};

const CALL_OVER: Reason = {
  title: "The call has ended",
  text: "It was ended for everybody.",
};

const BUSY: Reason = {
  title: "The server cannot take the call right now",
  text: "It is starting again or has too much to do. This is usually over within a minute.",
  again: "Try again",
};

const LEFT: Reason = {
  title: "You left the call",
  text: "You can close this page.",
  again: "Join again",
};

const TIMED_OUT: Reason = {
  title: "The call did not come about in time",
  text: "The server or your network was too slow to answer. Check your network and try once more.",
  again: "Try again",
};

const DECLINED: Reason = {
  title: "The call was declined",
  text: "The other person does not take the call.",
};

const NOT_REACHED: Reason = {
  title: "Nobody could be reached",
  text: "The person you called is not online, or did not answer.",
};

const NOT_ALLOWED: Reason = {
  title: "This account cannot join",
  text: "Rooms are open to invited users of this service only. Ask the person who invited you for a link of your own.",
};

const EXACT: ReadonlyMap<string, Reason> = new Map([
  ["0/0", LEFT],
  ["0/4097", CALL_OVER],
  [
    "0/4521",
    { ...NETWORK_LOST, text: "This page was away from the call for too long. You can come back." },
  ],
  ["0/5000", REMOVED],
  ["0/5003", DECLINED],
  ["0/5300", REMOVED],
  [
    "0/5317",
    {
      title: "You are no longer invited",
      text:
        "You were taken off the list of people who may be in this room, or the room was closed. " +
        "If you think that is a mistake, ask the person who invited you.",
      again: "Try again",
    },
  ],
  [
    "0/7000",
    {
      ...CALL_OVER,
      text: "It was ended by the service that runs it, for example because its time was over.",
    },
  ],
  [
    "0/5854",
    { title: "You were not let in", text: "Nobody admitted you, or you waited for too long." },
  ],
  ["0/7015", { title: "Your call was passed on", text: "It goes on in another call." }],
  ["0/560000", { ...CALL_OVER, text: "The other person hung up." }],
  [
    "400/5751",
    {
      title: "This link is not complete",
      text: "The room in it is not written correctly. Open the whole link from your invitation, or ask for it again.",
    },
  ],
  ["401/10009", LINK_OVER],
  [
    "403/5828",
    {
      title: "You are not invited to this room",
      text:
        "Only people on its list may come in, and you are not on it. " +
        "If you should be, ask the person who invited you to add you, then try again.",
      again: "Try again",
    },
  ],
  [
    "403/5829",
    {
      title: "The room is not open now",
      text:
        "Either its time has not come yet, or it is over. Look at the time in your invitation; " +
        "if it is still ahead, come back then.",
      again: "Try again",
    },
  ],
  ["403/5830", NOT_ALLOWED],
  [
    "403/10124",
    {
      title: "This link may not open a call",
      text: "The pass in it is for other things. Ask the person who invited you for a new link.",
    },
  ],
  [
    "404/5732",
    {
      title: "There is no such room",
      text: "It was deleted, or the link is wrong. Ask the person who invited you for a new link.",
    },
  ],
  [
    "409/40228",
    {
      title: "This call is open already",
      text: "This page is connected already. Close its other tabs and try again.",
      again: "Try again",
    },
  ],
  [
    "413/5808",
    {
      title: "The room is full",
      text: "As many people as can be are in the call. Try again when somebody has left.",
      again: "Try again",
    },
  ],
  [
    "429/10110",
    { ...CALL_OVER, text: "It had reached the longest time a call may take.", again: "Join again" },
  ],
  ["410/3101", NETWORK_LOST],
  ["410/301005", NETWORK_LOST],
  [
    "487/10003",
    { title: "Answered somewhere else", text: "You took this call on another device." },
  ],
  ["490/4502", { ...TIMED_OUT, title: "The server could not be reached" }],
  [
    "495/4507",
    {
      ...LINK_OVER,
      text: "The pass in it ran out during the call. Ask the person who invited you for a new link.",
    },
  ],
  ["496/7", NETWORK_LOST],
  ["603/0", DECLINED],
]);

const BY_CODE: ReadonlyMap<number, Reason> = new Map([
  [
    400,
    {
      title: "This link could not be used",
      text: "The server did not understand it. Open the whole link from your invitation, or ask for it again.",
    },
  ],
  [401, LINK_OVER],
  [403, NOT_ALLOWED],
  [
    404,
    {
      title: "The call was not found",
      text: "It is over, or the link is wrong. Ask the person who invited you for a new link.",
    },
  ],
  [408, TIMED_OUT],
  [410, NETWORK_SETUP],
  [412, TIMED_OUT],
  [
    413,
    { title: "The room is full", text: "Try again when somebody has left.", again: "Try again" },
  ],
  [429, { title: "Too many attempts", text: "Wait a moment, then try again.", again: "Try again" }],
  [430, NOT_REACHED],
  [480, NOT_REACHED],
  [486, { title: "The line is busy", text: "The other person is in another call." }],
  [487, { title: "The call was not answered", text: "It ended before anybody took it." }],
  [490, { ...TIMED_OUT, title: "The server could not be reached" }],
  [495, LINK_OVER],
  [496, NETWORK_LOST],
  [500, BUSY],
  [503, BUSY],
]);

const UNKNOWN: Reason = {
  title: "The call has ended",
  text: "The server gave a reason that this page does not know. If it happens again, pass on the numbers below.",
  again: "Join again",
};

/** The words for one end; there are some for every pair of numbers. */
export function reasonFor(end: EndCode): Reason {
  return EXACT.get(`${end.code}/${end.subCode}`) ?? BY_CODE.get(end.code) ?? UNKNOWN;
}

/** Whether the numbers mean that the server was not reached at all. */
export function isUnreachable(end: EndCode): boolean {
  if (end.code === 490) return true;
  return (
    (end.code === 408 || end.code === 412) && [40101, 40104, 40114, 40115].includes(end.subCode)
  );
}
