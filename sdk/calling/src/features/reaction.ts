/** What people show for a moment. */
import type { CommunicationUserKind } from "@azure/communication-common";
import type {
  Reaction,
  ReactionCallFeature,
  ReactionCallFeatureEvents,
  ReactionMessage,
} from "../api/gestures.js";
import { Emitter } from "../kernel/emitter.js";
import { FAILURES, raise } from "../kernel/errors.js";
import type { Asking } from "./asking.js";

const KNOWN: readonly Reaction[] = ["like", "heart", "laugh", "applause", "surprised"];

/** The reactions of one call. */
export class ReactionObject
  extends Emitter<ReactionCallFeatureEvents>
  implements ReactionCallFeature
{
  readonly name = "Reaction";

  constructor(private readonly _asking: Asking) {
    super();
  }

  async sendReaction(message: ReactionMessage): Promise<void> {
    const reactionType = KNOWN.find((one) => one === message?.reactionType);
    if (reactionType === undefined) throw raise(FAILURES.badReaction);
    await this._asking.ask("react", { reactionType });
  }

  /** Somebody reacts. */
  show(rawId: string, reactionType: string): void {
    const known = KNOWN.find((one) => one === reactionType);
    if (known === undefined) return;
    // The type that the API declares is an object; clients in use take a text, as their key.
    const identifier = rawId as unknown as CommunicationUserKind;
    this.emit("reaction", { identifier, reactionMessage: { reactionType: known } });
  }
}
