/** Relays of media that an app brings along. */
import { fieldsOf, isFields, listOf, textOf } from "../kernel/values.js";

/** A relay, and how to be let in there. */
export interface Relay {
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What a browser takes for the address of a relay; anything else would keep it from making a connection. */
const ADDRESS = /^(?:stun|turn)s?:[^\s/]+$/i;

/** The relays in the options of a client, whatever an app without types put there; what is none is left out. */
export function relaysIn(options: unknown): readonly Relay[] {
  const network = isFields(options) ? fieldsOf(options, "networkConfiguration") : undefined;
  const turn = network && fieldsOf(network, "turn");
  return listOf(turn ?? {}, "iceServers").flatMap((one) => {
    if (!isFields(one)) return [];
    const urls = listOf(one, "urls").filter(isAddress);
    const [username, credential] = [textOf(one, "username"), textOf(one, "credential")];
    // A browser makes no connection at all for a relay that it is given no credential for.
    const isOpen = urls.every((url) => /^stun/i.test(url));
    if (urls.length === 0 || !(isOpen || (username && credential))) return [];
    return [{ urls, ...(username && { username }), ...(credential && { credential }) }];
  });
}

function isAddress(url: unknown): url is string {
  return typeof url === "string" && ADDRESS.test(url);
}
