/** The link that opens a call: room, token and name, all in the fragment, which no server ever sees. */

/** What a call link holds. */
export interface CallLink {
  readonly roomId: string;
  readonly token: string;
  readonly name: string;
}

/** What was found behind the `#`. */
export type LinkReading =
  | { readonly kind: "link"; readonly link: CallLink }
  | { readonly kind: "none" }
  | { readonly kind: "broken"; readonly missing: "room" | "token" };

const LONGEST_NAME = 256;

/** Read `#room=…&token=…&name=…`; a fragment that names neither room nor token is no link. */
export function readLink(fragment: string): LinkReading {
  const fields = new URLSearchParams(unwrap(fragment));
  if (!fields.has("room") && !fields.has("token")) return { kind: "none" };
  const roomId = field(fields, "room");
  const token = field(fields, "token");
  if (roomId === "") return { kind: "broken", missing: "room" };
  if (token === "") return { kind: "broken", missing: "token" };
  return { kind: "link", link: { roomId, token, name: shorten(field(fields, "name")) } };
}

/** When the token says it ends, in milliseconds; 0 when it cannot be read (the server decides). */
export function expiryOf(token: string): number {
  const expires = claimsOf(token)["exp"];
  return typeof expires === "number" ? expires * 1000 : 0;
}

/** The raw id of the token's user; empty when it cannot be read. */
export function ownRawId(token: string): string {
  const user = claimsOf(token)["skypeid"];
  return typeof user === "string" ? `8:${user}` : "";
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(part));
    return typeof claims === "object" && claims !== null ? { ...claims } : {};
  } catch {
    return {};
  }
}

function unwrap(fragment: string): string {
  const bare = fragment.replace(/^#/, "");
  if (bare.includes("=") || !/%3d/i.test(bare)) return bare;
  try {
    // Some mail programs encode a whole fragment once more.
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

function field(fields: URLSearchParams, name: string): string {
  return (fields.get(name) ?? "").trim();
}

function shorten(name: string): string {
  return [...name].slice(0, LONGEST_NAME).join("");
}
