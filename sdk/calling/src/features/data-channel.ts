/** The data channels of a call: what the own side sends, and what arrives from others. */
import type {
  DataChannelCallFeature,
  DataChannelCallFeatureEvents,
  DataChannelSender,
  DataChannelSenderOpenOptions,
} from "../api/data-channel.js";
import type { Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { isFields } from "../kernel/values.js";
import type { ChannelSession, DataMessage } from "../signalling/written.js";
import type { Asking } from "./asking.js";
import { DataChannelReceiverObject } from "./data-channel-receiver.js";
import { type ChannelPlan, DataChannelSenderObject, recipientsIn } from "./data-channel-sender.js";

const MOST_CHANNELS = 65_535;
/** So many receivers of one endpoint are open at once; then the oldest gives way. */
const MOST_OF_ONE = 64;
/** What the server lets pass. */
const KBPS = { durable: 64, lossy: 512, lossyAndHigh: 200 } as const;

/** What data channels need from outside. */
export interface ChannelNeeds extends Pick<Asking, "deliver"> {
  readonly clock: Clock;
}

/** The data channels of one call. */
export class DataChannelObject
  extends Emitter<DataChannelCallFeatureEvents>
  implements DataChannelCallFeature
{
  readonly name = "DataChannel";
  private readonly _senders = new Map<number, DataChannelSenderObject>();
  private readonly _receivers = new Map<string, DataChannelReceiverObject>();
  private _lastSession = 0;

  constructor(private readonly _needs: ChannelNeeds) {
    super();
  }

  createDataChannelSender(options?: DataChannelSenderOpenOptions): DataChannelSender {
    const plan = this._planOf(options ?? {});
    this._senders.get(plan.channelId)?.close();
    this._lastSession += 1;
    const sender: DataChannelSenderObject = new DataChannelSenderObject(
      {
        ...this._needs,
        session: this._lastSession,
        onClosed: () => this._senders.delete(plan.channelId),
      },
      plan,
    );
    this._senders.set(plan.channelId, sender);
    return sender;
  }

  /** Somebody sends a message. */
  arrive(message: DataMessage): void {
    const known = this._receivers.get(keyOf(message));
    if (known !== undefined) known.take(message);
    else if (!this._isOutdated(message)) this._open(message).take(message);
  }

  /** Somebody has closed a channel. */
  shut(session: ChannelSession): void {
    this._receivers.get(keyOf(session))?.end();
  }

  /** Only what these endpoints send is still to be expected. */
  keep(isThere: (participantId: string) => boolean): void {
    for (const receiver of [...this._receivers.values()]) {
      if (!isThere(receiver.session.participantId)) receiver.end();
    }
  }

  /** The call is over. */
  end(): void {
    for (const sender of this._senders.values()) sender.end();
    this._senders.clear();
    this.keep(() => false);
  }

  private _open({ rawId, ...message }: DataMessage): DataChannelReceiverObject {
    const { participantId, channelId, session } = message;
    const key = keyOf(message);
    const receiver = new DataChannelReceiverObject({
      ...{ rawId, session: { participantId, channelId, session }, clock: this._needs.clock },
      onEnded: () => this._receivers.delete(key),
    });
    const his = this._of(participantId);
    if (his.length >= MOST_OF_ONE) his[0]?.end();
    this._receivers.set(key, receiver);
    this.emit("dataChannelReceiverCreated", receiver);
    return receiver;
  }

  /** Whether the sender has opened the same channel anew since. */
  private _isOutdated({ participantId, channelId, session }: ChannelSession): boolean {
    return this._of(participantId).some(
      (one) => one.channelId === channelId && one.session.session > session,
    );
  }

  private _of(participantId: string): DataChannelReceiverObject[] {
    const all = [...this._receivers.values()];
    return all.filter(({ session }) => session.participantId === participantId);
  }

  private _planOf(options: unknown): ChannelPlan {
    if (!isFields(options)) throw raise(FAILURES.badChannel);
    const reliability = oneOf(["Lossy", "Durable"] as const, options["reliability"]);
    const priority = oneOf(["Normal", "High"] as const, options["priority"]);
    const lossy = priority === "High" ? KBPS.lossyAndHigh : KBPS.lossy;
    const most = reliability === "Durable" ? KBPS.durable : lossy;
    const asked = options["bitrateInKbps"] ?? most;
    if (typeof asked !== "number" || !(asked > 0)) throw raise(FAILURES.badChannel);
    return {
      ...{ reliability, priority, kbps: Math.min(asked, most) },
      channelId: this._idOf(options["channelId"] ?? 0),
      recipients: recipientsIn(options["participants"] ?? []),
    };
  }

  private _idOf(asked: unknown): number {
    const isOne = typeof asked === "number" && Number.isInteger(asked);
    if (!isOne || asked < 0 || asked > MOST_CHANNELS) throw raise(FAILURES.badChannel);
    let channelId = asked;
    if (channelId === 0)
      do channelId += 1;
      while (this._senders.has(channelId));
    if (channelId > MOST_CHANNELS) throw raise(FAILURES.badChannel);
    return channelId;
  }
}

function keyOf({ participantId, channelId, session }: ChannelSession): string {
  return `${participantId} ${channelId} ${session}`;
}

/** A word that was asked for, the first one when none was. Throws for other words. */
function oneOf<T extends string>(words: readonly [T, ...T[]], asked: unknown): T {
  const found = asked === undefined ? words[0] : words.find((word) => word === asked);
  if (found === undefined) throw raise(FAILURES.badChannel);
  return found;
}
