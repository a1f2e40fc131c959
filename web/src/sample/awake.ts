/** Keeps a phone from going dark in the middle of a consultation. */

/** Hold the screen on until the answer is called. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  let wanted = true;
  const take = async (): Promise<void> => {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      const taken = await navigator.wakeLock.request("screen");
      if (wanted) lock = taken;
      else await taken.release();
    } catch {
      // A low battery forbids it; the call goes on without.
    }
  };
  // The system takes the lock back when the page is hidden.
  const shown = (): void => void take();
  document.addEventListener("visibilitychange", shown);
  void take();
  return () => {
    wanted = false;
    document.removeEventListener("visibilitychange", shown);
    void lock?.release();
  };
}
