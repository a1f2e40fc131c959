/** Browsers may keep sound back until the person has touched the page. */

const GESTURES = ["pointerup", "keydown", "touchend"] as const;

/** Call `play` at each gesture until it works. Gives back a function that forgets about it. */
export function playOnGesture(play: () => Promise<void>): () => void {
  const forget = (): void => {
    for (const gesture of GESTURES) document.removeEventListener(gesture, onGesture, true);
  };
  const onGesture = (): void => {
    play().then(forget, () => undefined);
  };
  for (const gesture of GESTURES) document.addEventListener(gesture, onGesture, true);
  return forget;
}
