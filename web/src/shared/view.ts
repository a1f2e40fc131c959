/** What pages put up, one at a time. */

/** One view; `dispose` undoes everything that it began. */
export interface View {
  readonly root: HTMLElement;
  /** What stands at the right of the head while this view is shown. */
  readonly aside?: HTMLElement;
  /** What is focused when the view appears. */
  readonly focus?: HTMLElement;
  dispose(): void;
}
