/**
 * The whole ledger, as it is carried from one store to another. For moving between stores that nobody works on, and for nothing
 * else.
 */
import type { Attempt, Lane, Slot } from './ledger.ts';

export interface SlotRecord extends Slot {
  /** Those that it names, in the order of signing. */
  readonly attempts: readonly Attempt[];
}

/** A lane with what is open in it; nothing closed is in front. */
export interface LaneRecord extends Omit<Lane, 'open'> {
  readonly open: readonly SlotRecord[];
}

/** A closed slot that has left its lane. */
export interface SettledRecord extends SlotRecord {
  readonly lane: string;
}

export interface SettledPage {
  readonly records: readonly SettledRecord[];
  /** Null on the last page. */
  readonly next: string | null;
}

export type PutRecord<Kept> =
  { readonly written: true } | { readonly written: false; readonly existing: Kept };

export interface LedgerRecords {
  lanes(): Promise<readonly LaneRecord[]>;
  /** In an order of the store's own. */
  settled(after: string | null, limit: number): Promise<SettledPage>;
  /** Writes the lane, with all that is open in it, at once or not at all. Overwrites nothing. */
  putLane(record: LaneRecord): Promise<PutRecord<LaneRecord>>;
  /** Overwrites nothing. @throws UnknownLane */
  putSettled(record: SettledRecord): Promise<PutRecord<SettledRecord>>;
}
