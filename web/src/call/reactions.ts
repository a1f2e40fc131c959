/** The pictures of reactions, of our own. The composite takes each as 51 frames, one below the other. */
import type { ReactionResources } from "@azure/communication-react";
import applause from "./art/applause.svg";
import heart from "./art/heart.svg";
import laugh from "./art/laugh.svg";
import like from "./art/like.svg";
import surprised from "./art/surprised.svg";

const FRAMES = 51;

function sprite(url: string) {
  return { url, frameCount: FRAMES };
}

/** For each reaction the address of its picture. */
export const REACTIONS: ReactionResources = {
  likeReaction: sprite(like),
  heartReaction: sprite(heart),
  laughReaction: sprite(laugh),
  applauseReaction: sprite(applause),
  surprisedReaction: sprite(surprised),
};
