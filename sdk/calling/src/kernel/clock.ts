/** The only place that reads the time and sets timers; tests hand in a clock of their own. */

/** Takes back a timer. Calling it late or twice is harmless. */
export type Cancel = () => void;

/** Time as the SDK sees it. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Call `then` once, after so many milliseconds. */
  after(milliseconds: number, then: () => void): Cancel;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** A wait that something else may cut short. */
export interface Nap {
  readonly over: Promise<undefined>;
  /** End the wait now. */
  wake(): void;
}

/** Wait so many milliseconds, or until woken. */
export function nap(clock: Clock, milliseconds: number): Nap {
  let wake: () => void = () => undefined;
  const over = new Promise<undefined>((resolve) => {
    const cancel = clock.after(milliseconds, () => resolve(undefined));
    wake = () => {
      cancel();
      resolve(undefined);
    };
  });
  return { over, wake: () => wake() };
}
