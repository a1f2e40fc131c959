/** A room of livekit-client that the browser can forget. */
import { Room, type RoomOptions } from "livekit-client";

/** A room, and how to have the page's devices forget it. */
export interface DisposableRoom {
  readonly room: Room;
  /** Once the room is of no more use. */
  readonly letGo: () => void;
}

/** What the client calls when a room is made: it hands over how the room stops listening. */
type Registry = Exclude<typeof Room.cleanupRegistry, false>;

/**
 * Make a room.
 *
 * The client's rooms listen to `navigator.mediaDevices` until they are collected, and their
 * listener, which shares a scope with the rest of the constructor, keeps them from being collected.
 * What ends the listening is handed to `Room.cleanupRegistry`; so we are that for the moment.
 */
export function makeDisposableRoom(options: RoomOptions): DisposableRoom {
  const theirs = Room.cleanupRegistry;
  let letGo = (): void => undefined;
  const ours: Pick<Registry, "register"> = {
    register: (_room: WeakKey, cleanup: () => void) => {
      letGo = cleanup;
    },
  };
  Room.cleanupRegistry = ours as Registry;
  try {
    return { room: new Room(options), letGo: () => letGo() };
  } finally {
    Room.cleanupRegistry = theirs;
  }
}
