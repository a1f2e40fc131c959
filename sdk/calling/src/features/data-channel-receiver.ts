/** The end of a data channel at which messages of one endpoint arrive. */
import type { CommunicationIdentifierKind } from "@azure/communication-common";
import type {
  DataChannelMessage,
  DataChannelReceiver,
  DataChannelReceiverEvents,
} from "../api/data-channel.js";
import type { Cancel, Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { identifierOf } from "../kernel/identifiers.js";
import type { ChannelSession, DataMessage } from "../signalling/written.js";

/** After so long without a message nothing more is expected. */
const SILENCE_MS = 120_000;
/** So much an app may leave unread; then the oldest is dropped. */
const MOST_UNREAD = 1_000;
const HEAVIEST_UNREAD = 4 * 1024 * 1024;

/** What a receiver is from its beginning. */
export interface ReceiverOrigins {
  readonly session: ChannelSession;
  readonly rawId: string;
  readonly clock: Clock;
  readonly onEnded: () => void;
}

/** One session of somebody's channel. */
export class DataChannelReceiverObject
  extends Emitter<DataChannelReceiverEvents>
  implements DataChannelReceiver
{
  readonly channelId: number;
  private _unread: DataChannelMessage[] = [];
  private _weight = 0;
  private _last = 0;
  private _isOver = false;
  private _silence: Cancel = () => undefined;

  constructor(private readonly _origins: ReceiverOrigins) {
    super();
    this.channelId = _origins.session.channelId;
  }

  get senderParticipantIdentifier(): CommunicationIdentifierKind {
    return identifierOf(this._origins.rawId);
  }

  /** Whose channel it is, and which time it was opened. */
  get session(): ChannelSession {
    return this._origins.session;
  }

  readMessage(): DataChannelMessage | undefined {
    const message = this._unread.shift();
    this._weight -= message?.data.byteLength ?? 0;
    return message;
  }

  /** A message has come; one that is durable may come twice. */
  take({ sequence, isDurable, data }: DataMessage): void {
    if (isDurable && sequence <= this._last) return;
    this._last = Math.max(this._last, sequence);
    this._silence();
    this._silence = this._origins.clock.after(SILENCE_MS, () => this.end());
    this._unread.push({ sequenceNumber: sequence, data });
    this._weight += data.byteLength;
    while (this._unread.length > MOST_UNREAD || this._weight > HEAVIEST_UNREAD) this.readMessage();
    this.emit("messageReady");
  }

  /** Nothing more comes. What came can still be read. */
  end(): void {
    if (this._isOver) return;
    this._isOver = true;
    this._silence();
    this._origins.onEnded();
    this.emit("close");
  }
}
