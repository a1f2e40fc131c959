/** A media room by livekit-client: one Room, from connecting to its end. */
import {
  ConnectionError,
  ConnectionErrorReason,
  ConnectionState,
  DisconnectReason,
  type LocalTrackPublication,
  type Participant,
  type Room,
  RoomEvent,
  type RoomOptions,
} from "livekit-client";
import { browserPage } from "../../kernel/page.js";
import { fieldsOf, isFields, numberOf, parseJson, textOf } from "../../kernel/values.js";
import {
  type EngineAddress,
  type MakeRoom,
  MediaRefused,
  type MediaRoom,
  type Mute,
  type Publication,
  type RoomFeed,
  type RoomListener,
  type Source,
  type StatsScope,
  type TrackStats,
  type Vitals,
} from "../port.js";
import type { Relay } from "../relays.js";
import { makeDisposableRoom } from "./disposable-room.js";
import { feedsOf, sourceOf } from "./feeds.js";
import { connectLate, type LateConnection } from "./late-address.js";
import { playOnGesture } from "./playback.js";
import { PUBLISH_DEFAULTS, publish } from "./publication.js";
import { statsOf } from "./stats.js";
import { vitalsOf } from "./vitals.js";

const SIGNAL_MS = 15_000;
const TRANSPORT_MS = 10_000;
/** Waits between tries to resume; media goes on meanwhile, so the total is the call's patience. */
const RESUME_MS = [150, 50, 300, 500, 700, 1_000] as const;
const RESUME_TOTAL_MS = 120_000;

const FEED_EVENTS = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.Reconnected,
] as const;

function options(): RoomOptions {
  return {
    adaptiveStream: true,
    dynacast: true,
    singlePeerConnection: true,
    // Devices are ours: the client must neither stop nor open any.
    stopLocalTrackOnUnpublish: false,
    // The agent says goodbye when the page goes; a page that only asks "leave?" must stay in.
    disconnectOnPageLeave: false,
    publishDefaults: PUBLISH_DEFAULTS,
    reconnectPolicy: {
      nextRetryDelayInMs: ({ elapsedMs, retryCount }) => {
        if (elapsedMs > RESUME_TOTAL_MS) return null;
        const step = RESUME_MS[Math.min(retryCount, RESUME_MS.length - 1)] ?? 0;
        return step * (0.5 + Math.random());
      },
    },
  };
}

/** Makes rooms by livekit-client; their media may take these relays as well, where there are any. */
export function liveKitRooms(relays: readonly Relay[]): MakeRoom {
  return (listener) => new LiveKitRoom(listener, relays);
}

class LiveKitRoom implements MediaRoom {
  readonly over: Promise<undefined>;
  private readonly _room: Room;
  private readonly _letGo: () => void;
  private _connection: LateConnection | undefined;
  private readonly _ours = new Set<LocalTrackPublication>();
  private _end: () => void = () => undefined;
  private _isOver = false;
  private _isAnswered = false;
  private _isStale = false;
  private _forgetGesture: () => void = () => undefined;
  private readonly _forgetNetwork: () => void;

  constructor(
    private readonly _listener: RoomListener,
    private readonly _relays: readonly Relay[],
  ) {
    const { room, letGo } = makeDisposableRoom(options());
    this._room = room;
    this._letGo = letGo;
    this.over = new Promise((resolve) => {
      this._end = () => {
        this._isOver = true;
        this._forgetNetwork();
        resolve(undefined);
      };
    });
    this._forgetNetwork = browserPage.onNetwork(() => this._takeNewNetwork());
    this._listen();
  }

  prepare(address?: EngineAddress): void {
    const connection = this._begin();
    if (address !== undefined) connection.go(address);
  }

  async connect(address: EngineAddress): Promise<void> {
    const connection = this._begin();
    connection.go(address);
    try {
      await connection.connected;
    } catch (error) {
      if (this._isAnswered && !this._isOver) this._listener.onUnreachable();
      throw refusalIn(error) ?? error;
    }
  }

  async publish(source: Source, track: MediaStreamTrack, mute: Mute): Promise<Publication> {
    const made = await publish(this._room, { source, given: track, ...mute });
    this._ours.add(made.publication);
    return {
      muted: made.muted,
      replace: (next) => made.replace(next),
      setMuted: (next) => made.setMuted(next),
      limit: (limits) => made.limit(limits),
      unpublish: async () => {
        this._ours.delete(made.publication);
        await made.unpublish();
      },
    };
  }

  feeds(): readonly RoomFeed[] {
    return feedsOf(this._room);
  }

  stayOf(sender: string): string | undefined {
    return this._room.remoteParticipants.get(sender)?.sid;
  }

  vitals(): Vitals {
    return vitalsOf(this._room);
  }

  stats(scope: StatsScope): Promise<readonly TrackStats[]> {
    return statsOf(this._room, scope);
  }

  async setSpeaker(deviceId: string): Promise<void> {
    await this._room.switchActiveDevice("audiooutput", deviceId);
  }

  async close({ forGood }: { readonly forGood: boolean }): Promise<void> {
    this._end();
    this._connection?.giveUp();
    this._forgetGesture();
    // What it says goodbye on; without it, it is as if the network had gone.
    if (!forGood) await this._room.engine?.client.close().catch(() => undefined);
    await this._room.disconnect(false).catch(() => undefined);
    this._letGo();
  }

  private _begin(): LateConnection {
    this._connection ??= connectLate(this._room, {
      autoSubscribe: false,
      maxRetries: 0,
      websocketTimeout: SIGNAL_MS,
      peerConnectionTimeout: TRANSPORT_MS,
      ...(this._relays.length > 0 && { rtcConfig: { iceServers: [...this._relays] } }),
    });
    return this._connection;
  }

  private _listen(): void {
    const room = this._room;
    const end = (): void => this._end();
    for (const event of FEED_EVENTS) room.on(event, () => this._changed());
    // The client's own full restart waits and opens devices itself: a new room is quicker and safer.
    room.on(RoomEvent.Reconnecting, end);
    room.on(RoomEvent.Disconnected, (reason) => {
      // Who is not let in is told so before `connect` says why: it must not look like a loss.
      if (reason !== DisconnectReason.USER_REJECTED || this._isAnswered) end();
    });
    room.on(RoomEvent.SignalReconnecting, () => {
      if (room.state === ConnectionState.Connecting) end();
    });
    room.on(RoomEvent.SignalConnected, () => {
      this._isAnswered = true;
      if (!this._isOver) this._listener.onAnswered(this);
    });
    room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => this._speak(speakers));
    room.on(RoomEvent.LocalTrackUnpublished, (publication) => this._lose(publication));
    room.on(RoomEvent.AudioPlaybackStatusChanged, () => {
      this._forgetGesture();
      if (!room.canPlaybackAudio) this._forgetGesture = playOnGesture(() => room.startAudio());
      this._listener.onPlayback({ blocked: !room.canPlaybackAudio });
      // The client makes everything audible when it may play at last.
      this._changed();
    });
  }

  /** Connections of the network before seem to be open until somebody has waited for an answer in vain. */
  private _takeNewNetwork(): void {
    if (this._isOver || !browserPage.isOnline()) return;
    if (this._room.state !== ConnectionState.Connected) return;
    this._room.simulateScenario("signal-reconnect").catch(() => undefined);
  }

  /** Many events of one moment are one change. */
  private _changed(): void {
    if (this._isStale) return;
    this._isStale = true;
    queueMicrotask(() => {
      this._isStale = false;
      if (!this._isOver) this._listener.onFeeds();
    });
  }

  private _speak(speakers: readonly Participant[]): void {
    if (this._isOver) return;
    const others = speakers.filter((speaker) => speaker !== this._room.localParticipant);
    this._listener.onSpeakers(others.map(({ identity }) => identity));
  }

  private _lose(publication: LocalTrackPublication): void {
    const source = sourceOf(publication.source);
    const isOurs = this._ours.delete(publication);
    if (!isOurs || this._isOver || source === undefined) return;
    if (this._room.state === ConnectionState.Connected) this._listener.onTakenAway(source);
  }
}

/** The gate's refusal inside an error of the client; undefined when it is another failure. */
export function refusalIn(error: unknown): MediaRefused | undefined {
  if (!(error instanceof ConnectionError)) return undefined;
  if (error.reason !== ConnectionErrorReason.NotAllowed) return undefined;
  // The client puts its own words before the body that the gate answered with.
  const body = parseJson(error.message.slice(error.message.indexOf("{")));
  const why = isFields(body) ? fieldsOf(body, "error") : undefined;
  const code = why && numberOf(why, "code");
  const subCode = why && numberOf(why, "subCode");
  if (!why || code === undefined || subCode === undefined) return undefined;
  return new MediaRefused(code, subCode, textOf(why, "message") ?? "");
}
