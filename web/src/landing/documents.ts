/** The documents that the build found, handed out as text beside the pages. */
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
  .map(([path, url]) => ({ title: __DOCUMENT_TITLES__[path.split("/").at(-1) ?? ""] ?? url, url }))
  .sort((a, b) => a.title.localeCompare(b.title, "en"));
