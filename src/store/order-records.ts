/**
 * Whole orders, as they are carried from one store to another: all that is stored of one, whatever the store is made of. For
 * moving between stores that nobody works on, and for nothing else.
 */
import type { Command } from '../../machines/order/types.ts';
import type { JournalEntry } from '../journal/entry.ts';
import type { StoredOrder } from './ports.ts';

export interface OrderRecord extends Omit<StoredOrder, 'worker'> {
  readonly commitId: string | null;
  readonly journal: readonly JournalEntry[];
  readonly inbox: readonly Command[];
  readonly inboxDone: number;
  /**
   * When it wants a worker (Unix milliseconds); null once it has ended. One that a worker ran wants another since it was last
   * written: that worker is dead.
   */
  readonly wakeAt: number | null;
}

export interface OrderRecords {
  /** By order id, ascending, from after that one on. */
  page(after: string | null, limit: number): Promise<readonly OrderRecord[]>;
  /** Writes the order unless its id is there; `existing` is what is stored under it. Overwrites nothing. */
  put(
    record: OrderRecord,
  ): Promise<{ readonly written: true } | { readonly written: false; readonly existing: OrderRecord }>;
  count(): Promise<number>;
  /** How many workers wrote a heartbeat within this time. */
  livingWorkers(withinMs: number): Promise<number>;
}
