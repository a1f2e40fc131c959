/** The shapes that events of all objects share. */

/** Fired without a word when a property has a new value; read the property. */
export type PropertyChangedEvent = () => void;

/** What was added to a list and what was removed from it. Both are always there. */
export interface CollectionUpdate<T> {
  added: T[];
  removed: T[];
}

/** Fired when a list has changed. */
export type CollectionUpdatedEvent<T> = (update: CollectionUpdate<T>) => void;

/** Listening to an object's events, by the names and arguments in `T`. */
export interface Subscribable<T extends { [K in keyof T]: readonly unknown[] }> {
  /** Call `listener` on each event of this name. Unknown names are accepted and never fire. */
  on<K extends keyof T>(event: K, listener: (...args: T[K]) => void): void;
  /** Stop calling `listener`. A listener that was never added is ignored. */
  off<K extends keyof T>(event: K, listener: (...args: T[K]) => void): void;
}
