/** Telephones, which no server of this version calls: what apps name when they ask for one. */
import type { PhoneNumberIdentifier } from "@azure/communication-common";

/** A key of a telephone. */
export type DtmfTone =
  | "A"
  | "B"
  | "C"
  | "D"
  | "Flash"
  | "Num0"
  | "Num1"
  | "Num2"
  | "Num3"
  | "Num4"
  | "Num5"
  | "Num6"
  | "Num7"
  | "Num8"
  | "Num9"
  | "Pound"
  | "Star";

/** How a telephone is called. */
export interface AddPhoneNumberOptions {
  /** The number that the telephone shows. */
  alternateCallerId?: PhoneNumberIdentifier | undefined;
}

/** A header that goes along with a call. */
export interface CustomContextHeader {
  key: string;
  value: string;
}

/**
 * What goes along with a call, and is there as `customContext` of the incoming call: a text and up to
 * 50 `voipHeaders` of up to 1024 characters, 5 `sipHeaders` of up to 256; keys have up to 64.
 */
export interface CustomContext {
  userToUser?: string | undefined;
  sipHeaders?: CustomContextHeader[] | undefined;
  voipHeaders?: CustomContextHeader[] | undefined;
  /** The older name of `voipHeaders`. */
  xHeaders?: CustomContextHeader[] | undefined;
}
