/**
 * Whole orders, as they are moved from one store to another: all that is stored of an order, in a form that no store has of its
 * own. Only for moves between stores that no process uses.
 */
import type { Command } from '../../machines/order/types.ts';
import type { JournalEntry } from '../journal/entry.ts';
import type { StoredOrder } from './ports.ts';

export interface OrderRecord extends Omit<StoredOrder, 'worker'> {
  readonly commitId: string | null;
  readonly journal: readonly JournalEntry[];
  readonly inbox: readonly Command[];
  readonly inboxDone: number;
  /** The releases that hold it. */
  readonly heldBy: readonly string[];
  /**
   * When it is due for a worker (Unix milliseconds); null once it has ended. An order that a worker ran is due since it was last
   * written: that worker is dead.
   */
  readonly wakeAt: number | null;
}

export interface OrderRecords {
  /** By order id, ascending: the orders after this id. */
  page(after: string | null, limit: number): Promise<readonly OrderRecord[]>;
  /** Writes the order unless its id is there; `existing` is what is stored under it. Overwrites nothing. */
  put(
    record: OrderRecord,
  ): Promise<{ readonly written: true } | { readonly written: false; readonly existing: OrderRecord }>;
  count(): Promise<number>;
  /** How many workers wrote a heartbeat within this time. */
  livingWorkers(withinMs: number): Promise<number>;
}
