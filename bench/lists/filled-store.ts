import type { Store } from '../../src/store/ports.ts';

/** A store of so many orders, on a file or database of its own. */
export interface FilledStore {
  readonly store: Store;
  /** For the page that begins after this order. */
  readonly cursorAfter: (index: number) => string;
  end(): Promise<void>;
}
