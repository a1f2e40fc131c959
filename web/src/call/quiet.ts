/** Keeps the UI library quiet where it would ask its maker's network, or complain of what is no error. */

/** Have the fonts of the system. To be called before the library is loaded. */
export function keepFontsLocal(): void {
  window.FabricConfig = { fontBaseUrl: "", iconBaseUrl: "" };
}

// "This stream went away": the library waits for a picture, and hears nobody when it goes before it comes.
const GONE = { code: 404, subCode: 43202 };

/** Take it for what it is when somebody leaves, or switches the camera off, before he was seen. */
export function expectPicturesToGo(): void {
  window.addEventListener("unhandledrejection", (event) => {
    const { code, subCode }: Partial<typeof GONE> = Object(event.reason);
    if (code === GONE.code && subCode === GONE.subCode) event.preventDefault();
  });
}
