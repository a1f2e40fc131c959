/** What the others in a call are told of the own network and devices, and what they tell of theirs. */
import type {
  RemoteDiagnostic,
  RemoteDiagnostics,
  RemoteDiagnosticsEvents,
  RemoteParticipantDiagnosticsData,
} from "../api/diagnostics.js";
import type { RemoteParticipant } from "../api/participants.js";
import type { Cancel, Clock } from "../kernel/clock.js";
import { Emitter } from "../kernel/emitter.js";
import type { Diagnosis, Told } from "../signalling/diagnostics.js";
import type { Leg } from "../signalling/messages.js";
import type { Asking } from "./asking.js";

/** So many messages a minute the server passes on. What comes too early is told later, as it is then. */
const MOST = 3;
/** A second more than the minute: messages may arrive closer together than they were sent. */
const MINUTE_MS = 61_000;
const RETRY_MS = 20_000;
/** In a call of more people nobody is told. */
const MOST_PEOPLE = 20;
/** For the own user alone: others need not know that he talks to somebody else. */
const PRIVATE = "speakingWhileMicrophoneIsMuted";

type Name = RemoteDiagnostic["diagnostic"];
type Value = RemoteDiagnostic["value"];

/** What the diagnostics of others know of their call. */
export interface RemoteDiagnosticsNeeds extends Pick<Asking, "ask"> {
  readonly clock: Clock;
  readonly people: () => readonly (RemoteParticipant & { readonly rawId: string })[];
}

/** The diagnostics that the people in one call tell each other. */
export class RemoteDiagnosticsObject
  extends Emitter<RemoteDiagnosticsEvents>
  implements RemoteDiagnostics
{
  private _isSending = false;
  private _isOver = false;
  private _isFlushing = false;
  /** What is so here. */
  private readonly _own = new Map<Name, Value>();
  /** Those of them that the others have yet to be told. */
  private readonly _untold = new Set<Name>();
  private _sentAt: readonly number[] = [];
  private _timer: Cancel | undefined;
  /** The participant ids of the others. */
  private _present: ReadonlySet<string> = new Set();
  /** By participant id and diagnostic: what was told. */
  private readonly _heard = new Map<string, ReadonlyMap<Name, RemoteDiagnostic>>();

  constructor(private readonly _needs: RemoteDiagnosticsNeeds) {
    super();
  }

  get isSendingDiagnosticsEnabled(): boolean {
    return this._isSending;
  }

  startSendingDiagnostics(): void {
    this._send({ sending: true });
  }

  stopSendingDiagnostics(): void {
    this._send({ sending: false });
  }

  getLatest(): RemoteParticipantDiagnosticsData {
    const all = [...this._heard.values()].flatMap((his) => [...his.values()]);
    return { diagnostics: all.map((one) => ({ ...one })) };
  }

  /** Something is so here now. */
  note(diagnostic: Name, value: Value): void {
    if (diagnostic === PRIVATE) return;
    this._own.set(diagnostic, value);
    this._untold.add(diagnostic);
    this._flushSoon();
  }

  /** These of the others are there now. Who comes is told all that is so; who goes is forgotten. */
  meet(legs: readonly Leg[]): void {
    const before = this._present;
    this._present = new Set(legs.map(({ participantId }) => participantId));
    for (const gone of before) if (!this._present.has(gone)) this._heard.delete(gone);
    if ([...this._present].some((one) => !before.has(one))) this._tellAll();
    this._flushSoon();
  }

  /** Somebody told how his network and devices are. */
  hear({ participantId, rawId, diagnoses }: Told): void {
    const known = this._heard.get(participantId) ?? new Map<Name, RemoteDiagnostic>();
    const news = diagnoses.filter(
      ({ diagnostic, value }) => known.get(diagnostic)?.value !== value,
    );
    if (news.length === 0) return;
    const diagnostics = news.map((one) => this._describe(one, { participantId, rawId }));
    const told = diagnostics.map((one) => [one.diagnostic, one] as const);
    this._heard.set(participantId, new Map([...known, ...told]));
    this.emit("diagnosticChanged", { diagnostics: diagnostics.map((one) => ({ ...one })) });
  }

  /** The call is over. */
  close(): void {
    this._isOver = true;
    this._timer?.();
  }

  private _describe(
    { diagnostic, value }: Diagnosis,
    { participantId, rawId }: Pick<Told, "participantId" | "rawId">,
  ): RemoteDiagnostic {
    const remoteParticipant = this._needs.people().find((one) => one.rawId === rawId);
    return {
      ...{ participantId, rawId, diagnostic, value },
      valueType: typeof value === "boolean" ? "DiagnosticFlag" : "DiagnosticQuality",
      ...(remoteParticipant && { remoteParticipant }),
    };
  }

  private _send({ sending }: { sending: boolean }): void {
    if (sending === this._isSending) return;
    this._isSending = sending;
    this.emit("isSendingDiagnosticsEnabledChanged");
    this._tellAll();
    this._flushSoon();
  }

  private _tellAll(): void {
    for (const name of this._own.keys()) this._untold.add(name);
  }

  /** What changes together is told together. */
  private _flushSoon(): void {
    if (this._isFlushing) return;
    this._isFlushing = true;
    queueMicrotask(() => {
      this._isFlushing = false;
      this._flush();
    });
  }

  private _flush(): void {
    const someone = this._present.size > 0 && this._needs.people().length < MOST_PEOPLE;
    if (this._isOver || !this._isSending || !someone || this._untold.size === 0) return;
    const now = this._needs.clock.now();
    this._sentAt = this._sentAt.filter((at) => now - at < MINUTE_MS);
    const [first] = this._sentAt;
    if (first !== undefined && this._sentAt.length >= MOST) this._wake(first + MINUTE_MS - now);
    else void this._tell(now);
  }

  private async _tell(now: number): Promise<void> {
    const names = [...this._untold];
    this._untold.clear();
    this._sentAt = [...this._sentAt, now];
    const diagnostics = names.map((name) => ({ diagnostic: name, value: this._own.get(name) }));
    try {
      await this._needs.ask("diagnose", { diagnostics });
    } catch {
      // The server is away, or wants none now: what is so then is told later.
      this._sentAt = this._sentAt.filter((at) => at !== now);
      for (const name of names) this._untold.add(name);
      if (!this._isOver) this._wake(RETRY_MS);
    }
  }

  private _wake(milliseconds: number): void {
    this._timer ??= this._needs.clock.after(milliseconds, () => {
      this._timer = undefined;
      this._flush();
    });
  }
}
