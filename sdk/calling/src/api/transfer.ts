/** Handing a call over to somebody else. No server of this version can. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type { Call } from "./call.js";
import type { PropertyChangedEvent, Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";
import type { CustomContext } from "./phones.js";

/** To whom a call is handed over. */
export interface TransferToParticipantLocator {
  targetParticipant: CommunicationIdentifier;
}

/** Into which call a call is handed over. */
export interface TransferToCallLocator {
  targetCallId: string;
}

/** How a call is handed over. */
export interface TransferToParticipantOptions {
  disableForwardingAndUnanswered?: boolean;
  customContext?: CustomContext;
}

/** How a call is handed over into another. */
export interface TransferToCallOptions {
  customContext?: CustomContext;
}

/** To whose voice mail a call is handed over. */
export interface TransferToVoicemailLocator {
  targetParticipantVoicemail: CommunicationIdentifier;
}

/** How a call is handed over to voice mail. */
export interface TransferToVoicemailOptions {
  customContext?: CustomContext;
}

/** How far a transfer is. */
export type TransferState = "None" | "Transferring" | "Transferred" | "Failed";

/** Why a transfer did not come about. */
export interface TransferErrorData {
  code: number;
  subCode: number;
}

/** A call being handed over. */
export interface Transfer extends Subscribable<{ stateChanged: Parameters<PropertyChangedEvent> }> {
  readonly state: TransferState;
  readonly error?: TransferErrorData;
}

/** The call that takes the place of the one that was handed over. */
export interface TransferEventArgs {
  readonly targetCall: Call;
}

/** The events of transfers. */
export interface TransferCallFeatureEvents {
  transferAccepted: [transfer: TransferEventArgs];
}

/** Handing a call over. */
export interface TransferCallFeature extends CallFeature, Subscribable<TransferCallFeatureEvents> {
  readonly name: "Transfer";
  transfer(
    target: TransferToParticipantLocator | TransferToCallLocator | TransferToVoicemailLocator,
    options?: TransferToParticipantOptions | TransferToCallOptions | TransferToVoicemailOptions,
  ): Transfer;
}
