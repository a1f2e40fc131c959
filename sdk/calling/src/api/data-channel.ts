/** Bytes that people in a call send each other, beside what is seen and heard. */
import type {
  CommunicationIdentifier,
  CommunicationIdentifierKind,
} from "@azure/communication-common";
import type { Subscribable } from "./events.js";
import type { CallFeature } from "./features.js";

/** Which of the own channels goes first. */
export type DataChannelPriority = "High" | "Normal";
/** Whether messages arrive in their order, or may be lost on the way. */
export type DataChannelReliability = "Durable" | "Lossy";

/** How a channel is opened. */
export interface DataChannelSenderOpenOptions {
  /** From 1 to 65535; one that is free when left out, or 0. */
  channelId?: number;
  /** How much is to be sent, at most. */
  bitrateInKbps?: number;
  /** `Normal` when left out. */
  priority?: DataChannelPriority;
  /** `Lossy` when left out. */
  reliability?: DataChannelReliability;
  /** At most 64. Everyone in the call when left out, or empty. */
  participants?: CommunicationIdentifier[];
}

/** The end of a channel at which messages are sent. */
export interface DataChannelSender {
  readonly channelId: number;
  /** In bytes. */
  readonly maxMessageSize: number;
  /**
   * Resolves once the server has passed the message on to those who are connected then. Rejects
   * when it was not, or when nobody can tell because the call has ended; what is durable is sent
   * again until then.
   */
  sendMessage(data: Uint8Array): Promise<void>;
  /** At most 64; everyone when empty. */
  setParticipants(participants: CommunicationIdentifier[]): void;
  /** Nothing more is sent: receivers are told. */
  close(): void;
}

/** A message. */
export interface DataChannelMessage {
  /** Of the message among those of its sender; a gap where messages were lost, or for others. */
  sequenceNumber: number;
  data: Uint8Array;
}

/** The events of a receiver. */
export interface DataChannelReceiverEvents {
  messageReady: [];
  close: [];
}

/** The end of a channel at which messages of one endpoint arrive. */
export interface DataChannelReceiver extends Subscribable<DataChannelReceiverEvents> {
  readonly channelId: number;
  readonly senderParticipantIdentifier: CommunicationIdentifierKind;
  /** The oldest message that was not read yet. */
  readMessage(): DataChannelMessage | undefined;
}

/** Hears that a message can be read. */
export type DataChannelReceiverMessageReadyEvent = () => void;
/** Hears that nothing more comes. */
export type DataChannelReceiverCloseEvent = () => void;
/** Hears that somebody sends. */
export type DataChannelReceiverCreatedEvent = (receiver: DataChannelReceiver) => void;

/** The events of data channels. */
export interface DataChannelCallFeatureEvents {
  dataChannelReceiverCreated: [receiver: DataChannelReceiver];
}

/** The data channels of a call. */
export interface DataChannelCallFeature
  extends CallFeature,
    Subscribable<DataChannelCallFeatureEvents> {
  readonly name: "DataChannel";
  createDataChannelSender(options?: DataChannelSenderOpenOptions): DataChannelSender;
}
