/**
 * Whose voices are received while many microphones are open. The engine sends each of them to
 * everybody who asks for it: all to all would be more than it, and anybody's network, can carry.
 */
import type { RoomFeed } from "./port.js";

/** Nobody can tell more voices apart that speak at once. */
export const MOST_VOICES = 12;

type Voice = Pick<RoomFeed, "sender" | "muted" | "wanted">;

/** Chooses those who speak, then those who spoke last. */
export class Voices {
  /** Who spoke last comes first. */
  private _spoke: readonly string[] = [];
  private _chosen: ReadonlySet<string> = new Set();

  /** These speak now, the loudest first. Tells whether somebody of them is not received. */
  speak(senders: readonly string[]): boolean {
    const before = this._spoke.filter((sender) => !senders.includes(sender));
    this._spoke = [...senders, ...before].slice(0, 2 * MOST_VOICES);
    return senders.some((sender) => !this.isChosen(sender));
  }

  /** Choose anew among the microphones that there are. */
  choose(microphones: readonly Voice[]): void {
    // One that was received stays so while it is muted, if there is room: unmuting is heard at once.
    const possible = microphones.filter(({ muted, wanted }) => wanted || !muted);
    const chosen =
      possible.length > MOST_VOICES
        ? possible.sort((one, other) => this._compare(one, other)).slice(0, MOST_VOICES)
        : possible;
    this._chosen = new Set(chosen.map(({ sender }) => sender));
  }

  /** Whether this sender's microphone is to be received. */
  isChosen(sender: string): boolean {
    return this._chosen.has(sender);
  }

  private _compare(one: Voice, other: Voice): number {
    return (
      Number(one.muted) - Number(other.muted) ||
      this._rank(one.sender) - this._rank(other.sender) ||
      Number(other.wanted) - Number(one.wanted)
    );
  }

  private _rank(sender: string): number {
    const at = this._spoke.indexOf(sender);
    return at < 0 ? this._spoke.length : at;
  }
}
