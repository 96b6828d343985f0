import type { Store } from '../../src/store/ports.ts';

/** A store with many orders, in its own file or database. */
export interface FilledStore {
  readonly store: Store;
  /** The cursor of the page that begins after this order. */
  readonly cursorAfter: (index: number) => string;
  end(): Promise<void>;
}
