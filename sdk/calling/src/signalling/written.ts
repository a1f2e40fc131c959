/** What people in a call write to each other, as the server passes it on. */
import { bytesOf } from "../kernel/base64.js";
import { type Fields, numberOf, textOf } from "../kernel/values.js";

/** A channel that an endpoint opened, once. */
export interface ChannelSession {
  /** The endpoint that sends. */
  readonly participantId: string;
  readonly channelId: number;
  /** Rises with each channel that the endpoint opens. */
  readonly session: number;
}

/** A message of a data channel. */
export interface DataMessage extends ChannelSession {
  readonly rawId: string;
  readonly sequence: number;
  readonly isDurable: boolean;
  readonly data: Uint8Array;
}

/** What somebody writes, as far as he has come. */
export interface TextMessage {
  readonly participantId: string;
  readonly rawId: string;
  readonly displayName: string;
  /** Of the text among those of its writer. */
  readonly sequence: number;
  readonly text: string;
  readonly isFinal: boolean;
}

/** The events in which it is told. */
export type Written =
  | ({ readonly event: "data"; readonly callId: string } & DataMessage)
  | ({ readonly event: "dataClosed"; readonly callId: string } & ChannelSession)
  | ({ readonly event: "text"; readonly callId: string } & TextMessage);

/** Reads an event of a call; undefined for what is none of these, or has not its shape. */
export function readWritten(message: Fields, callId: string): Written | undefined {
  const participantId = textOf(message, "participantId");
  if (!participantId) return undefined;
  const from = { callId, participantId };
  switch (message["event"]) {
    case "data":
      return readData(message, from);
    case "dataClosed": {
      const session = readSession(message);
      return session && { event: "dataClosed", ...from, ...session };
    }
    case "text":
      return readText(message, from);
    default:
      return undefined;
  }
}

type From = Pick<Written, "callId" | "participantId">;

function readData(message: Fields, from: From): Written | undefined {
  const session = readSession(message);
  const rawId = textOf(message, "rawId");
  const sequence = numberOf(message, "sequence");
  const data = bytesOf(textOf(message, "data") ?? "*");
  if (!session || !rawId || sequence === undefined || data === undefined) return undefined;
  const isDurable = message["reliability"] === "Durable";
  return { event: "data", ...from, ...session, rawId, sequence, isDurable, data };
}

function readSession(message: Fields): Omit<ChannelSession, "participantId"> | undefined {
  const channelId = numberOf(message, "channelId");
  const session = numberOf(message, "session");
  return channelId === undefined || session === undefined ? undefined : { channelId, session };
}

function readText(message: Fields, from: From): Written | undefined {
  const rawId = textOf(message, "rawId");
  const sequence = numberOf(message, "sequence");
  const text = textOf(message, "text");
  if (!rawId || sequence === undefined || text === undefined) return undefined;
  const displayName = textOf(message, "displayName") ?? "";
  const isFinal = message["final"] === true;
  return { event: "text", ...from, rawId, displayName, sequence, text, isFinal };
}
