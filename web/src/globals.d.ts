/** The file names of the packed packages, put in by the build. */
declare const __SDK_FILE__: string;
declare const __EFFECTS_FILE__: string;
