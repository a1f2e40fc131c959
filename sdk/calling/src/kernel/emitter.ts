/** Events as every object of the SDK has them: isolated listeners, unknown names ignored. */
import { reportLater } from "./faults.js";

/** The listener arguments of each event, by its name. */
export type Events<T> = { [K in keyof T]: readonly unknown[] };

/** What takes the arguments `A` of an event. */
export type Listener<A extends readonly unknown[]> = (...args: A) => void;

type Heard<T extends Events<T>> = { [K in keyof T]?: readonly Listener<T[K]>[] };

/**
 * Keeps listeners. They are held in a plain field and not in a `#private` one, because interface
 * libraries wrap our objects in proxies.
 */
export class Emitter<T extends Events<T>> {
  // Without a prototype, so that no event name finds what every object inherits.
  private readonly _listeners: Heard<T> = Object.create(null) as Heard<T>;

  /** Listen. Names that nothing fires, such as those of newer versions, are accepted. */
  on<K extends keyof T>(event: K, listener: Listener<T[K]>): void {
    if (typeof listener !== "function") return;
    this._listeners[event] = [...(this._listeners[event] ?? []), listener];
  }

  /** Stop listening. A listener that was never added is ignored. */
  off<K extends keyof T>(event: K, listener: Listener<T[K]>): void {
    const left = [...(this._listeners[event] ?? [])];
    const at = left.indexOf(listener);
    if (at >= 0) left.splice(at, 1);
    this._listeners[event] = left;
  }

  /**
   * Tell the listeners of an event, each by itself: one that throws stops no other.
   *
   * @internal
   */
  emit<K extends keyof T>(event: K, ...args: T[K]): void {
    for (const listener of this._listeners[event] ?? []) {
      try {
        listener(...args);
      } catch (error) {
        reportLater(error);
      }
    }
  }
}
