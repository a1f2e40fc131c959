/** What the SDK asks of a media engine's client, and what it hears from it. */
import type { DiagnosticQuality } from "../api/diagnostics.js";
import type { PictureLimits } from "./limits.js";

/** What a track shows or lets hear. */
export type Source = "microphone" | "camera" | "screen";

/** One connection to the engine: used once, from connecting to its end. */
export interface MediaRoom {
  /**
   * Make ready all that needs no address: nothing is sent. With one, begin to connect to it; only the
   * first counts. Leaving it out costs time alone.
   */
  prepare(address?: EngineAddress): void;
  /** Rejects with `MediaRefused` when the gate said no, with another error when it did not come about. */
  connect(address: EngineAddress): Promise<void>;
  /** Resolves when the room is no use any more and another one should be made. */
  readonly over: Promise<undefined>;
  /** Send a track. Rejects with `NotPermitted` when the engine does not allow it. */
  publish(source: Source, track: MediaStreamTrack, muted: Mute): Promise<Publication>;
  /** What the others send, now. */
  feeds(): readonly RoomFeed[];
  /** Names the stay of a sender in the room: another one after each time the sender came back. */
  stayOf(sender: string): string | undefined;
  /** How the connection is now. */
  vitals(): Vitals;
  /** What the browser counts of everything that is sent and received now. */
  stats(scope: StatsScope): Promise<readonly TrackStats[]>;
  /** Play sound through this speaker. */
  setSpeaker(deviceId: string): Promise<void>;
  /**
   * End the connection. Never rejects. `forGood`: with a farewell, which the service takes for
   * hanging up; whoever only makes way for the next connection says nothing.
   */
  close(how: { readonly forGood: boolean }): Promise<void>;
}

/** How a room is connected, and how well. */
export interface Vitals {
  /** Whether the engine hears what is asked of it. */
  readonly signalling: boolean;
  /** Whether there is a way for sound and pictures. */
  readonly media: boolean;
  /** How well the own connection works; undefined while the engine has not told. */
  readonly quality: DiagnosticQuality | undefined;
  /** The same of those others of whom it was told. */
  readonly others: readonly DiagnosticQuality[];
}

/** Which way a track goes, as we see it. */
export type Direction = "send" | "receive";

/** What is measured: pictures and the own voice alone cost little, however many people speak. */
export type StatsScope = "pictures" | "everything";

/** A record of the browser's own statistics, by the names that the W3C gives them. */
export type Numbers = Readonly<Record<string, unknown>>;

/** What the browser knows of one track. */
export interface TrackStats {
  readonly direction: Direction;
  readonly source: Source;
  /** The sender's name in the engine. */
  readonly sender: string;
  /** Names the track while it is sent. */
  readonly id: string;
  readonly numbers: readonly Numbers[];
}

/** Whether a track is sent in silence. */
export interface Mute {
  readonly muted: boolean;
}

/** A track that is being sent. */
export interface Publication {
  /** Whether it was sent in silence to begin with, be it that no more microphones may be open. */
  readonly muted: boolean;
  replace(track: MediaStreamTrack): Promise<void>;
  /** Rejects with `MicrophonesFull`, and stays in silence, when no more microphones may be open. */
  setMuted(mute: Mute): Promise<void>;
  /** Send no more of the picture than this from now on. Sound has no limits. */
  limit(limits: PictureLimits): Promise<void>;
  /** Stop sending. The track itself is left as it is. */
  unpublish(): Promise<void>;
}

/** A track that somebody else sends. */
export interface RoomFeed {
  /** The sender's name in the engine: raw id, `~`, participant id. */
  readonly sender: string;
  /** During which stay of the sender it is sent. */
  readonly stay: string;
  readonly source: Source;
  readonly muted: boolean;
  /** Whether it was asked for. */
  readonly wanted: boolean;
  /** Ask for the track, or for nothing more of it. */
  want(wish: { readonly wanted: boolean }): void;
  /** What has arrived and can be shown, only to be compared: another one after it came anew. */
  readonly arrived: object | undefined;
  /**
   * Show in an element what has arrived, or stop that; also after the room's end, for the engine's
   * client holds an element until it is told to let go. Repeating it is harmless.
   */
  attach(video: HTMLVideoElement): void;
  detach(video: HTMLVideoElement): void;
  /** Let the sound be heard, or play it in silence. Repeating it is harmless. */
  play(mute: Mute): void;
  /** Give the track away: it is received in full from then on. Undefined before it has arrived. */
  take(): MediaStreamTrack | undefined;
}

/** What a room tells. */
export interface RoomListener {
  /** The engine has let us in and told what the others send; sound and pictures have yet to find their way. */
  onAnswered(room: MediaRoom): void;
  /** What the others send has changed. */
  onFeeds(): void;
  /** The senders who speak now, the loudest first. */
  onSpeakers(senders: readonly string[]): void;
  /** The browser keeps sound back until the person touches the page, or does so no more. */
  onPlayback(state: { readonly blocked: boolean }): void;
  /** The engine stopped a track that we did not stop. */
  onTakenAway(source: Source): void;
  /** The engine answered, but there was no way for sound and pictures. */
  onUnreachable(): void;
}

/** Makes a room that has yet to connect. */
export type MakeRoom = (listener: RoomListener) => MediaRoom;

/** Where a room connects, and the ticket that opens it. */
export interface EngineAddress {
  readonly url: string;
  readonly ticket: string;
}

/** The gate refused: the leg has ended, or never was. */
export class MediaRefused extends Error {
  constructor(
    readonly code: number,
    readonly subCode: number,
    message: string,
  ) {
    super(message);
    this.name = "MediaRefused";
  }
}

/** The engine does not allow this track to be sent. */
export class NotPermitted extends Error {
  constructor() {
    super("Sending this is not allowed.");
    this.name = "NotPermitted";
  }
}

/** As many microphones are open in the call as may be: this one stays muted. */
export class MicrophonesFull extends Error {
  constructor() {
    super("No more microphones may be open in this call.");
    this.name = "MicrophonesFull";
  }
}
