/** The documents that the build found, handed out as text beside the pages. */
import { titleOf } from "./words.js";

/** One document. */
export interface Document {
  readonly title: string;
  readonly url: string;
}

const found = import.meta.glob<string>("../../../docs/*.md", {
  query: "?url",
  import: "default",
  eager: true,
});

/** All documents, by title. */
export const DOCUMENTS: readonly Document[] = Object.entries(found)
  .map(([path, url]) => ({ title: titleOf(path), url }))
  .sort((a, b) => a.title.localeCompare(b.title, "en"));
