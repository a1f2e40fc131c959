/** What the build puts in: the file names of the packed packages, and the titles of the documents by file name. */
declare const __SDK_FILE__: string;
declare const __EFFECTS_FILE__: string;
declare const __DOCUMENT_TITLES__: Readonly<Record<string, string>>;
