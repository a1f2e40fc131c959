/** The packed SDK's file name, put in by the build. */
declare const __SDK_FILE__: string;
