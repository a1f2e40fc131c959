/** The ids of a call. */
import type { CallInfo } from "../api/call.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { reportLater } from "../kernel/faults.js";
import type { CallNames } from "../signalling/messages.js";
import type { Place } from "./place.js";

type Listener = () => void;

/**
 * Data and functions are its own properties: apps spread it into objects of theirs, and call
 * `getServerCallId` on the copy.
 */
export class CallInfoObject implements CallInfo {
  readonly roomId: string | undefined;
  readonly groupId: string | undefined;
  participantId = "";
  readonly getServerCallId: () => Promise<string>;
  readonly onCallInfoChanged: (event: "callInfoChanged", listener: Listener) => void;
  readonly offCallInfoChanged: (event: "callInfoChanged", listener: Listener) => void;
  /** The server has admitted the call. */
  readonly admit: (names: CallNames, participantId: string) => void;
  /** The call ended; if the server never admitted it, it has no id there. */
  readonly giveUp: () => void;

  constructor({ roomId, groupId }: Place) {
    this.roomId = roomId;
    this.groupId = groupId;
    let know: (serverCallId: string) => void = () => undefined;
    let fail: (why: Error) => void = () => undefined;
    const known = new Promise<string>((resolve, reject) => {
      know = resolve;
      fail = reject;
    });
    known.catch(() => undefined);
    let listeners: readonly Listener[] = [];
    this.getServerCallId = () => known;
    this.onCallInfoChanged = (_event, listener) => {
      listeners = [...listeners, listener];
    };
    this.offCallInfoChanged = (_event, listener) => {
      listeners = listeners.filter((one) => one !== listener);
    };
    this.giveUp = () => fail(raise(FAILURES.callEnded));
    this.admit = ({ serverCallId }, participantId) => {
      this.participantId = participantId;
      know(serverCallId);
      for (const listener of listeners) callSafely(listener);
    };
  }
}

function callSafely(listener: Listener): void {
  try {
    listener();
  } catch (error) {
    reportLater(error);
  }
}
