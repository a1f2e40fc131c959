/** What the landing page says that depends on its server. */

/** How the server is, in words. */
export interface Health {
  readonly state: "running" | "unready" | "silent";
  readonly words: string;
}

/** Read the status of `/health`; undefined when nothing answered. */
export function healthOf(status: number | undefined): Health {
  if (status === undefined) return { state: "silent", words: "The server does not answer" };
  if (status === 200) return { state: "running", words: "The server is running" };
  return { state: "unready", words: "The server is not ready yet" };
}

/** Where the packed SDK lies. */
export function tarballUrl(origin: string, file: string): string {
  return `${origin}/sdk/${file}`;
}

/** The line that puts a package in the place of the one an application names. */
export function installLine(origin: string, file: string): string {
  const name = file.replace(/^openrooms-(.+)-\d[^-]*\.tgz$/, "@azure/communication-$1");
  return `npm install ${name}@${tarballUrl(origin, file)}`;
}

/** A document's title: its first heading. */
export function titleOf(text: string): string {
  return /^# +(.+?) *$/m.exec(text)?.[1] ?? "";
}
