/** Keeps the UI library from loading fonts of its maker's network: read when its code is first run. */

/** Have the fonts of the system. To be called before the library is loaded. */
export function keepFontsLocal(): void {
  window.FabricConfig = { fontBaseUrl: "", iconBaseUrl: "" };
}
