/** Single keys that do what a button does, as long as nobody is typing. */

let enabled = true;

/** Whether single keys work; people who steer by voice switch them off. */
export function shortcutsEnabled(): boolean {
  return enabled;
}

/** Switch single keys on or off for this page. */
export function enableShortcuts(on: boolean): void {
  enabled = on;
}

/** Act on single keys until the answer is called. */
export function onShortcuts(actions: Readonly<Record<string, () => void>>): () => void {
  const press = (event: KeyboardEvent): void => {
    if (!enabled || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) return;
    const action = actions[event.key.toLowerCase()];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input:not([type=checkbox]), select, textarea, dialog") !== null
  );
}
