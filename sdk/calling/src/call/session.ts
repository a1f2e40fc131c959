/** The life of one call: admitted by the server, media kept up, ended once. */
import type { CallEndReason } from "../api/call.js";
import type { ParticipantCapabilityName } from "../api/features.js";
import { type Cancel, nap } from "../kernel/clock.js";
import { FAILURES, raise } from "../kernel/errors.js";
import { MediaConnection, type MediaEnd } from "../media/connection.js";
import type { MediaRoom, Source } from "../media/port.js";
import { Refused } from "../signalling/line.js";
import { addressAt } from "../signalling/media-address.js";
import type { CallView, Joined, RoleNews, ServerEvent, Verdict } from "../signalling/messages.js";
import type { Delivery } from "../signalling/operations.js";
import { JOIN_TIMED_OUT } from "../signalling/operations.js";
import {
  endReason,
  FORGOTTEN,
  HUNG_UP,
  MEDIA_BLOCKED,
  MEDIA_LOST,
  MEDIA_NEVER_UP,
  NETWORK_LOST,
  UNREACHABLE,
} from "./end-reason.js";
import type { Place } from "./place.js";
import type { SessionNeeds, SessionRequest } from "./session-needs.js";

const JOIN_MS = 60_000;
/** How long a call outlives its connections. */
const PATIENCE_MS = 120_000;
/** After a resume the server names each call that lives; so long it may take. */
const NAMING_MS = 5_000;
/** What media comes to and the server's word about the reason travel on different connections. */
const REASON_MS = 3_000;

/** Runs one call. */
export class Session {
  private readonly _calledOff = new AbortController();
  private _admitted: CallView | undefined;
  private readonly _media: MediaConnection;
  private _room: MediaRoom | undefined;
  private _isAnswered = false;
  private _isUp = false;
  private _isOver = false;
  private _leaving: Promise<void> | undefined;
  private _stopWatch: Cancel = () => undefined;
  private _letIn: (refusal: Verdict | undefined) => void = () => undefined;
  private readonly _entered = new Promise<Verdict | undefined>((resolve) => {
    this._letIn = resolve;
  });

  constructor(
    private readonly _needs: SessionNeeds,
    private readonly _request: SessionRequest,
  ) {
    this._media = this._makeMedia();
  }

  get place(): Place {
    return this._request.place;
  }

  /** Whether the server may have let it in without our knowing yet. */
  get isEntering(): boolean {
    return this._admitted === undefined && !this.isLeaving;
  }

  /** Resolves with the refusal, or with undefined once the server has let it in. */
  get entered(): Promise<Verdict | undefined> {
    return this._entered;
  }

  /** The server's id of the call, once it is admitted. */
  get callId(): string | undefined {
    return this._admitted?.call.callId;
  }

  /** The same while the call is up; throws when it is not. */
  get liveCallId(): string {
    if (this.isLeaving) throw raise(FAILURES.callEnded);
    if (this.callId === undefined) throw raise(FAILURES.notConnected);
    return this.callId;
  }

  /** Ask the server for something in this call. */
  async ask(op: string, fields: object): Promise<void> {
    await this._needs.operations.ask(op, { callId: this.liveCallId, ...fields });
  }

  /** Have the server pass something on to the others in this call. */
  async deliver(op: string, fields: object, how: Delivery): Promise<void> {
    const { signal } = this._calledOff;
    const message = { callId: this.liveCallId, ...fields };
    await this._needs.operations.deliver(op, message, { ...how, signal });
  }

  /** Hand in something about this call, which may be over. */
  async handIn(op: string, fields: object): Promise<void> {
    await this._needs.operations.handIn(op, fields);
  }

  /** Throws when the own user may not do something now. */
  require(what: ParticipantCapabilityName): void {
    const may = this._admitted?.leg.capabilities[what].isPresent === true;
    if (!may) throw raise(FAILURES.roleRestricted);
  }

  /** Whether it has ended or is about to. */
  get isLeaving(): boolean {
    return this._isOver || this._leaving !== undefined;
  }

  /** Resolves when the server was told that the call is over, if it had to be told. */
  get farewell(): Promise<void> {
    return this._leaving ?? Promise.resolve();
  }

  /** Enter, and stay until the end. Never rejects. */
  async run(after: Promise<unknown>): Promise<void> {
    this._needs.call.moveTo("Connecting");
    // Whoever calls others wants to see them from the first moment on.
    if (this._request.entry.op === "start") this._needs.roster.open();
    // A farewell to the same call must be over, or it would take the new arrival along.
    await after;
    try {
      const { entry, joinId } = this._request;
      const joined = await this._needs.operations.enter({
        ...entry,
        joinId,
        onAsked: (early) => this._media.prepare(early),
        signal: this._calledOff.signal,
        withinMs: JOIN_MS,
      });
      if (joined !== undefined) await this._enter(joined);
    } catch (error) {
      if (!(error instanceof Refused)) this._needs.log.error("entering failed", error);
      this.end(error instanceof Refused ? error.verdict : JOIN_TIMED_OUT);
    }
  }

  /** Leave. */
  hangUp(): Promise<void> {
    if (this._isOver && this._leaving === undefined) return Promise.resolve();
    this._leaving ??= this._leave();
    return this._leaving;
  }

  /** End the call for all, this user among them. Rejects when that is not his to do. */
  async endForEveryone(): Promise<void> {
    const { callId } = this;
    if (callId === undefined || this.isLeaving) return;
    const may = this._admitted?.leg.capabilities.hangUpForEveryOne.isPresent === true;
    if (!may) throw raise(FAILURES.notForEveryone);
    await this._needs.operations.ask("end", { callId });
  }

  /** The page goes away: there is no time for anything but letting go. */
  vanish(): void {
    this.end(HUNG_UP);
  }

  /** The server told something about this call. */
  onEvent(event: ServerEvent): void {
    switch (event.event) {
      case "snapshot":
        this._refresh(event);
        break;
      case "legsChanged":
        this._meet(event.changed, event.removed, event.ends);
        break;
      case "roleChanged":
        if (this._isOwn(event.participantId)) this._changeRole(event);
        break;
      case "mutedByOthers":
        if (this._isOwn(event.participantId)) void this._muted();
        break;
      case "ending":
        this._needs.call.emit("ending", event.ending);
        break;
      case "ended":
        if (this._isOwn(event.participantId)) this.end(event);
        break;
      default:
        this._needs.call.features.hear(event);
    }
  }

  private _isOwn(participantId: string): boolean {
    return participantId === this._admitted?.leg.participantId;
  }

  /** The agent is in touch again: the server names this call soon, or it has ended. */
  onConnected(): void {
    this._media.hurry();
    if (this._admitted === undefined) return;
    this._watch(NAMING_MS, FORGOTTEN);
  }

  /** The agent lost touch. */
  onDisconnected(): void {
    if (this._admitted !== undefined) this._watch(PATIENCE_MS, NETWORK_LOST);
  }

  /** The person chose other devices. */
  changeDevice(kind: "microphone" | "speaker"): void {
    if (this._isOver) return;
    if (kind === "microphone") this._needs.local.changeMicrophone();
    else this._needs.hearing.changeSpeaker();
  }

  /** The call is over. Only the first reason counts. */
  end(why: Verdict): void {
    if (this._isOver) return;
    this._isOver = true;
    const { call, local, incoming, hearing, roster } = this._needs;
    this._stopWatch();
    this._calledOff.abort();
    void this._media.close();
    for (const one of [incoming, hearing, local]) one.close();
    call.ids.giveUp();
    call.features.end();
    call.setEndReason((): CallEndReason => endReason(why));
    this._letIn(why);
    // Who is gone for good is so before the call is: the last that apps hear of it is its end.
    roster.close();
    call.moveTo("Disconnected");
    this._needs.onEnded();
  }

  private async _leave(): Promise<void> {
    this._needs.call.moveTo("Disconnecting");
    this._calledOff.abort();
    if (this.callId !== undefined) await this._needs.operations.leave(this.callId);
    this.end(HUNG_UP);
  }

  private async _enter(joined: Joined): Promise<void> {
    const { call, roster, socket } = this._needs;
    const server = socket.server;
    if (this._isOver || server === undefined) {
      // Left in the moment in which the answer came: the seat goes back.
      await this._needs.operations.leave(joined.call.callId);
      return;
    }
    this._admitted = joined;
    call.ids.admit(joined.call, joined.leg.participantId);
    call.rename(joined.call.callId);
    roster.replace(joined.legs);
    roster.giveUpAwaited(UNREACHABLE);
    this._letIn(undefined);
    call.features.update(joined.gestures);
    this._needs.holding.begin({ betweenTwo: joined.call.kind === "direct" });
    if (this._isCalling) call.moveTo("Ringing");
    await this._needs.holdOthers();
    if (this._isOver) return;
    await this._conclude(await this._media.run(addressAt(server, joined.media)));
  }

  private _makeMedia(): MediaConnection {
    const { incoming, roster, local, watches, hearing } = this._needs;
    return new MediaConnection(
      { ...this._needs, patienceMs: PATIENCE_MS },
      {
        onAnswered: (room) => this._onAnswered(room),
        onUp: (room) => this._onUp(room),
        onDown: () => this._onDown(),
        onFeeds: () => incoming.refresh(),
        onSpeakers: (senders) => {
          incoming.setSpeakers(senders);
          roster.setSpeakers(senders);
        },
        onTakenAway: (source: Source) => local.takeAway(source),
        onUnreachable: () => watches.unreachable(),
        onPlayback: (state) => hearing.setBlocked(state),
      },
    );
  }

  /** Whether the server is out of reach. */
  private get _isAway(): boolean {
    return this._needs.socket.line === undefined;
  }

  private async _conclude(end: MediaEnd): Promise<void> {
    if (end.kind === "closed" || this._isOver) return;
    // Where the server says why, its word counts.
    if (!this._isAway || end.kind === "refused") await nap(this._needs.clock, REASON_MS).over;
    if (this._isOver) return;
    if (end.kind === "refused") {
      this.end({ code: end.why.code, subCode: end.why.subCode, message: end.why.message });
      return;
    }
    // The server takes a farewell for a hang-up, and tells so: that is not why it is over.
    if (this.callId !== undefined) this._leaving ??= this._needs.operations.leave(this.callId);
    if (end.wasUp) this.end(this._isAway ? NETWORK_LOST : MEDIA_LOST);
    else this.end(this._isAnswered ? MEDIA_BLOCKED : MEDIA_NEVER_UP);
  }

  private _onAnswered(room: MediaRoom): void {
    this._needs.incoming.expect(room);
    if (this._isAnswered || this._isOver || this._admitted === undefined) return;
    this._isAnswered = true;
    // Devices open while media finds its way: earlier, they would hold up what goes before it.
    this._needs.local.begin(this._admitted.leg.capabilities);
  }

  private _onUp(room: MediaRoom): void {
    if (this._isOver) return;
    this._room = room;
    for (const one of this._needs.bound) one.bind(room);
    this._arrive();
    // Where media has found its way back, the agent will, too.
    if (this._isAway) this._needs.socket.hurry();
  }

  private _onDown(): void {
    this._room = undefined;
    for (const one of this._needs.bound) one.bind(undefined);
  }

  /** Whether those who were called have yet to answer. */
  private get _isCalling(): boolean {
    return this._request.entry.op === "start" && !this._isUp && !this._needs.roster.hasCompany;
  }

  /** The first time that media is up, and somebody has answered: in the order that apps rely on. */
  private _arrive(): void {
    const { call, roster } = this._needs;
    const ready = this._room !== undefined && !this._isUp && !this._isCalling;
    if (this._admitted === undefined || !ready) return;
    this._isUp = true;
    const { role, capabilities } = this._admitted.leg;
    call.learnRole(role);
    call.moveTo("Connected");
    call.announceRole();
    call.features.capabilities.announce(capabilities, "MeetingOptionOrOrganizerPolicyChanged");
    roster.open();
    this._needs.holding.show();
    if (this._admitted.ending) call.emit("ending", this._admitted.ending);
  }

  /** Somebody muted the own microphone at the engine: be muted here, too. */
  private async _muted(): Promise<void> {
    await this._needs.local.mute().catch((error: unknown) => {
      this._needs.log.warning("the microphone could not be muted", error);
    });
    this._needs.call.emit("mutedByOthers");
  }

  private _refresh(view: CallView): void {
    this._stopWatch();
    this._needs.call.features.update(view.gestures);
    this._changeRole({ ...view.leg, reason: "RoleChanged" });
    if (view.ending) this._needs.call.emit("ending", view.ending);
    this._needs.roster.replace(view.legs);
    const there = new Set([view.leg, ...view.legs].map(({ participantId }) => participantId));
    this._needs.call.features.keep((participantId) => there.has(participantId));
    this._needs.holding.learn(view.leg.state);
    this._needs.incoming.refresh();
    this._arrive();
  }

  private _meet(
    changed: CallView["legs"],
    removed: readonly string[],
    ends: ReadonlyMap<string, Verdict>,
  ): void {
    const others = changed.filter(({ participantId }) => !this._isOwn(participantId));
    this._needs.roster.change(others, removed, ends);
    this._needs.call.features.keep((participantId) => !removed.includes(participantId));
    this._needs.incoming.refresh();
    this._arrive();
    this._needs.holding.show();
  }

  private _changeRole(next: RoleNews): void {
    if (this._admitted === undefined) return;
    const { call, local } = this._needs;
    const { role, capabilities, reason } = next;
    this._admitted = { ...this._admitted, leg: { ...this._admitted.leg, role, capabilities } };
    if (this._isUp) {
      call.changeRole(role);
      call.features.capabilities.announce(capabilities, reason);
    }
    local.permit(capabilities);
  }

  private _watch(milliseconds: number, otherwise: Verdict): void {
    this._stopWatch();
    this._stopWatch = this._needs.clock.after(milliseconds, () => this.end(otherwise));
  }
}
