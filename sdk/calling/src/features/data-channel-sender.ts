/** The end of a data channel at which messages are sent. */
import type { CommunicationIdentifier } from "@azure/communication-common";
import type {
  DataChannelPriority,
  DataChannelReliability,
  DataChannelSender,
} from "../api/data-channel.js";
import { base64Of } from "../kernel/base64.js";
import type { Clock } from "../kernel/clock.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { Turns } from "../kernel/turns.js";
import { type Asking, rawIdsOf } from "./asking.js";

const LARGEST = 32 * 1024;
const MOST_RECIPIENTS = 64;
/** A channel may be so far ahead of its bit rate. */
const AHEAD_MS = 1_000;
/** So many bytes may wait for their turn. */
const HEAVIEST_WAITING = 1024 * 1024;

/** What a channel is for. */
export interface ChannelPlan {
  readonly channelId: number;
  readonly kbps: number;
  readonly priority: DataChannelPriority;
  readonly reliability: DataChannelReliability;
  /** Raw ids; null: everyone. */
  readonly recipients: readonly string[] | null;
}

/** What a sender needs from outside. */
export interface SenderNeeds extends Pick<Asking, "deliver"> {
  readonly clock: Clock;
  readonly session: number;
  readonly onClosed: () => void;
}

/** One session of an own channel. */
export class DataChannelSenderObject implements DataChannelSender {
  readonly channelId: number;
  readonly maxMessageSize = LARGEST;
  private readonly _turns = new Turns();
  private _recipients: readonly string[] | null;
  private _sequence = 0;
  private _isOpen = true;
  private _waiting = 0;
  /** When everything that was taken is sent, at the channel's bit rate. */
  private _doneAt = 0;

  constructor(
    private readonly _needs: SenderNeeds,
    private readonly _plan: ChannelPlan,
  ) {
    this.channelId = _plan.channelId;
    this._recipients = _plan.recipients;
  }

  async sendMessage(data: Uint8Array): Promise<void> {
    const bytes = bytesIn(data);
    if (!this._isOpen) throw raise(FAILURES.channelClosed);
    const notBefore = this._reserve(bytes.byteLength);
    this._sequence += 1;
    const { channelId, reliability, priority } = this._plan;
    const message = {
      ...{ channelId, reliability, priority, session: this._needs.session },
      ...{ sequence: this._sequence, rawIds: this._recipients, data: base64Of(bytes) },
    };
    if (reliability === "Lossy") {
      await this._needs.deliver("sendData", message, { lossless: false });
      return;
    }
    this._waiting += bytes.byteLength;
    try {
      await this._turns.take(() =>
        this._needs.deliver("sendData", message, { lossless: true, notBefore }),
      );
    } finally {
      this._waiting -= bytes.byteLength;
    }
  }

  setParticipants(participants: CommunicationIdentifier[]): void {
    this._recipients = recipientsIn(participants);
  }

  close(): void {
    if (!this._isOpen) return;
    this._isOpen = false;
    this._needs.onClosed();
    if (this._sequence === 0) return;
    const { channelId } = this._plan;
    const session = { channelId, session: this._needs.session };
    const told = this._turns.take(() =>
      this._needs.deliver("closeData", session, { lossless: true }),
    );
    // A call that is over has told them by itself.
    told.catch(() => undefined);
  }

  /** Nothing more is sent, and nobody has to be told. */
  end(): void {
    this._isOpen = false;
  }

  /** When a message of this size may go. Throws when it is too much. */
  private _reserve(size: number): number {
    const now = this._needs.clock.now();
    const begin = Math.max(this._doneAt, now);
    const isTooMuch =
      this._plan.reliability === "Lossy"
        ? begin > now + AHEAD_MS
        : this._waiting + size > HEAVIEST_WAITING;
    if (isTooMuch) throw raise(FAILURES.tooFast);
    // Kilobits a second are bits in a millisecond.
    this._doneAt = begin + (size * 8) / this._plan.kbps;
    return begin - AHEAD_MS;
  }
}

/** The bytes of a message. Throws when they are none. */
function bytesIn(data: unknown): Uint8Array {
  if (!ArrayBuffer.isView(data) || data.byteLength > LARGEST) throw raise(FAILURES.badData);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The raw ids to send to; null for everyone. Throws when they are none, or too many. */
export function recipientsIn(participants: unknown): readonly string[] | null {
  const rawIds = [...new Set(rawIdsOf(participants))];
  if (rawIds.length > MOST_RECIPIENTS) throw raise(FAILURES.tooManyRecipients);
  return rawIds.length === 0 ? null : rawIds;
}
