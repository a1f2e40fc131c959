/** What people write, seen while they write it. */
import type {
  RealTimeTextFeature,
  RealTimeTextFeatureEvents,
  RealTimeTextInfo,
} from "../api/real-time-text.js";
import { type Clock, type Nap, nap } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { identifierOf } from "../kernel/identifiers.js";
import type { TextMessage } from "../signalling/written.js";
import type { Asking } from "./asking.js";

const LONGEST = 2_000;
/** What is typed meanwhile goes together. */
const PACE_MS = 200;
const MOST_WAITING = 100;

/** What texts need from outside. */
export interface TextNeeds extends Pick<Asking, "deliver"> {
  readonly clock: Clock;
  /** The own endpoint. */
  readonly participantId: () => string | undefined;
}

/** A text of an endpoint, as it was shown last. */
interface Shown {
  readonly message: TextMessage;
  readonly sequenceId: number;
  readonly since: Date;
}

/** A text that has yet to be sent. */
interface Waiting {
  readonly sequence: number;
  text: string;
  final: boolean;
  readonly sent: Promise<void>;
  readonly settle: (failure?: unknown) => void;
}

/** What is written in one call. */
export class RealTimeTextObject
  extends Emitter<RealTimeTextFeatureEvents>
  implements RealTimeTextFeature
{
  readonly name = "RealTimeText";
  private readonly _shown = new Map<string, Shown>();
  private readonly _line: Waiting[] = [];
  private _lastId = 0;
  private _sequence = 1;
  private _isSending = false;
  private _isOver = false;
  private _pause: Nap | undefined;

  constructor(private readonly _needs: TextNeeds) {
    super();
  }

  async sendRealTimeText(text: string, finalized?: boolean): Promise<void> {
    const given: unknown = text;
    if (typeof given !== "string" || given.length > LONGEST) throw raise(FAILURES.badText);
    if (this._line.length >= MOST_WAITING) throw raise(FAILURES.tooFast);
    const waiting = this._enter(given, { final: finalized === true });
    if (!this._isSending) void this._send();
    await waiting.sent;
  }

  /** Somebody has written, the own side perhaps. */
  show(message: TextMessage): void {
    const { participantId, sequence } = message;
    const before = this._shown.get(participantId);
    const known = before?.message.sequence ?? 0;
    if (sequence < known || (sequence === known && before?.message.isFinal)) return;
    if (sequence > known) this._finish(before);
    const isSame = before !== undefined && sequence === known;
    if (!isSame) this._lastId += 1;
    const shown: Shown = isSame
      ? { ...before, message }
      : { message, sequenceId: this._lastId, since: new Date() };
    this._shown.set(participantId, shown);
    this._tell(shown);
  }

  /** Only these endpoints still write. What others left unfinished stays as it is. */
  keep(isThere: (participantId: string) => boolean): void {
    for (const [participantId, shown] of [...this._shown]) {
      if (isThere(participantId)) continue;
      this._shown.delete(participantId);
      this._finish(shown);
    }
  }

  /** The call is over. */
  end(): void {
    this._isOver = true;
    this._pause?.wake();
    this.keep(() => false);
  }

  private _finish(shown: Shown | undefined): void {
    if (shown === undefined || shown.message.isFinal) return;
    this._tell({ ...shown, message: { ...shown.message, isFinal: true } });
  }

  private _tell({ message, sequenceId, since }: Shown): void {
    const { participantId, rawId, displayName, text, isFinal } = message;
    const info: RealTimeTextInfo = {
      ...{ sequenceId, text, resultType: isFinal ? "Final" : "Partial" },
      sender: {
        ...{ identifier: identifierOf(rawId), displayName },
        endpointDetails: [{ participantId }],
      },
      receivedTimestamp: new Date(since),
      updatedTimestamp: new Date(),
      isLocal: participantId === this._needs.participantId(),
    };
    this.emit("realTimeTextReceived", info);
  }

  /** Put a text in the line; it takes the place of what was typed of it so far. */
  private _enter(text: string, { final }: { readonly final: boolean }): Waiting {
    const sequence = this._sequence;
    if (final) this._sequence += 1;
    const last = this._line.at(-1);
    if (last?.sequence === sequence) {
      last.text = text;
      last.final = final;
      return last;
    }
    let settle: Waiting["settle"] = () => undefined;
    const sent = new Promise<void>((resolve, reject) => {
      settle = (failure) => (failure === undefined ? resolve() : reject(failure));
    });
    const waiting = { sequence, text, final, sent, settle };
    this._line.push(waiting);
    return waiting;
  }

  /** Send what waits, one after the other. */
  private async _send(): Promise<void> {
    this._isSending = true;
    for (let next = this._line.shift(); next !== undefined; next = this._line.shift()) {
      const { sequence, text, final, settle } = next;
      const sent = this._needs.deliver("sendText", { sequence, text, final }, { lossless: true });
      await sent.then(() => settle(), settle);
      if (this._isOver) continue;
      this._pause = nap(this._needs.clock, PACE_MS);
      await this._pause.over;
    }
    this._isSending = false;
  }
}
