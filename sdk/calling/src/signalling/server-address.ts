/** Where the server is. */

const AGENT_PATH = "/calling/v1/agent";

/** The addresses of one server. */
export interface ServerAddress {
  /** The server as a person would open it, without a slash at the end. */
  readonly page: string;
  /** The agent socket. */
  readonly agent: string;
  /** The address of a path that the server named, for WebSockets. */
  socket(path: string): string;
}

/** The server at an `http` or `https` address; undefined when it is no such address. */
export function serverAt(address: string): ServerAddress | undefined {
  const base = baseOf(address);
  if (base === undefined) return undefined;
  const socket = (path: string): string => base.replace(/^http/, "ws") + path;
  return { page: base, agent: socket(AGENT_PATH), socket };
}

function baseOf(address: string): string | undefined {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  const scheme = url.protocol.replace(/^ws/, "http");
  if (scheme !== "http:" && scheme !== "https:") return undefined;
  return `${scheme}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
}

/** What to tell a person when the server does not answer at all. */
export function unreachable(
  server: ServerAddress,
  { online }: { readonly online: boolean },
): string {
  if (!online) return "This device is offline.";
  const said = `The server at ${server.page} cannot be reached.`;
  if (!server.page.startsWith("https:")) return said;
  // Browsers do not tell a page that a certificate was refused: it looks like a server that is off.
  return (
    `${said} If it is running, this browser does not trust its certificate: ` +
    `open ${server.page}/health once and accept it, or run \`openrooms trust\` on the server.`
  );
}
