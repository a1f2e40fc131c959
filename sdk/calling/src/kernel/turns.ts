/** Changes that wait for each other. */

/** Makes one change at a time, in the order in which they were asked for. */
export class Turns {
  private _last: Promise<unknown> = Promise.resolve();

  /** Settles as the change does; one that fails holds up none of the later ones. */
  take(change: () => Promise<void>): Promise<void> {
    const turn = this._last.then(change);
    this._last = turn.catch(() => undefined);
    return turn;
  }
}
