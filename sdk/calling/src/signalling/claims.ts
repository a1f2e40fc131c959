/** Reads what a user token says about itself. The server is who checks that it is true. */
import { isFields, parseJson, textOf } from "../kernel/values.js";

/** What the SDK needs from a token. */
export interface Claims {
  /** The address where browsers reach the server that issued the token. */
  readonly issuer?: string;
  /** The raw id of the user: `8:` and the claim `skypeid`. */
  readonly rawId?: string;
}

/** The claims of a token; undefined when it is no readable token. */
export function claimsOf(token: string): Claims | undefined {
  const claims = parseJson(decode(token.split(".")[1] ?? ""));
  if (!isFields(claims)) return undefined;
  const issuer = textOf(claims, "iss");
  const user = textOf(claims, "skypeid");
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(user === undefined ? {} : { rawId: `8:${user}` }),
  };
}

function decode(part: string): string {
  try {
    const bytes = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
    return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return "";
  }
}
