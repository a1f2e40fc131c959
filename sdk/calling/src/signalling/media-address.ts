/** What opens the media of a call, as the server tells it. */

import { type Fields, fieldsOf, textOf } from "../kernel/values.js";
import type { ServerAddress } from "./server-address.js";

/** A path on the same server, and a ticket for it. */
export interface MediaAddress {
  readonly path: string;
  readonly ticket: string;
}

/** What a message tells under that name, if it does. */
export function readMedia(value: Fields, name: "media" | "next"): MediaAddress | undefined {
  const media = fieldsOf(value, name);
  const path = media && textOf(media, "path");
  const ticket = media && textOf(media, "ticket");
  // Only a path: the media is on the same server, whatever a message says.
  return path?.startsWith("/") && ticket ? { path, ticket } : undefined;
}

/** The same with the server. */
export interface FullMediaAddress {
  readonly url: string;
  readonly ticket: string;
}

/** What a server told, in full. */
export function addressAt(server: ServerAddress, { path, ticket }: MediaAddress): FullMediaAddress {
  return { url: server.socket(path), ticket };
}
