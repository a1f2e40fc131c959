/** The features of one call that show what people have done in it. */
import type { CallFeature } from "../api/features.js";
import type { Gestures } from "../signalling/gestures.js";
import type { Asking } from "./asking.js";
import { MediaAccessObject, type Somebody } from "./media-access.js";
import { RaiseHandObject } from "./raise-hand.js";
import { ReactionObject } from "./reaction.js";
import { SpotlightObject } from "./spotlight.js";

/** All of them, the same objects from the beginning of a call to its end. */
export class GestureFeatures {
  readonly reaction: ReactionObject;
  private readonly _hands: RaiseHandObject;
  private readonly _spotlight: SpotlightObject;
  private readonly _access: MediaAccessObject;

  constructor(asking: Asking, people: () => readonly Somebody[]) {
    this.reaction = new ReactionObject(asking);
    this._hands = new RaiseHandObject(asking);
    this._spotlight = new SpotlightObject(asking);
    this._access = new MediaAccessObject(asking, people);
  }

  /** The features by the names under which apps ask for them. */
  get byName(): Readonly<Record<string, CallFeature>> {
    const all = [this.reaction, this._hands, this._spotlight, this._access];
    return Object.fromEntries(all.map((one) => [one.name, one]));
  }

  /** The server told how everything is now. */
  update({ hands, spotlights, access, others }: Gestures): void {
    this._hands.update(hands);
    this._spotlight.update(spotlights);
    this._access.update({ access, others });
  }
}
