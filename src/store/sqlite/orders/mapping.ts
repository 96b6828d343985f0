/**
 * What rows look like, and the one place where they become the store's types: JSON that this store wrote is not validated
 * again.
 */
import type { Command } from '../../../../machines/order/types.ts';
import type { OrderStatus } from '../../../../machines/order/state.ts';
import type { StoredState } from '../../../../machines/registry.ts';
import type { JournalEntry } from '../../../journal/entry.ts';
import type { Hold, StoredOrder } from '../../ports.ts';

/** The columns of a `StoredOrder`. */
export const ORDER_COLUMNS =
  'id, owner, client_order_id, request_hash, version, status, last_seq, created_at, updated_at, worker, held, state';

export interface OrderRow {
  readonly id: string;
  readonly owner: string;
  readonly client_order_id: string | null;
  readonly request_hash: string;
  readonly version: number;
  readonly status: OrderStatus;
  readonly last_seq: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly worker: string | null;
  readonly held: string | null;
  readonly state: string;
}

/** What decides whether an order takes a write: its small columns. */
export const HEAD_COLUMNS =
  'no, version, status, last_seq, commit_id, worker, ended_at, inbox_length, inbox_done';

export interface OrderHead {
  readonly no: number;
  readonly version: number;
  readonly status: OrderStatus;
  readonly last_seq: number;
  readonly commit_id: string | null;
  readonly worker: string | null;
  readonly ended_at: number | null;
  readonly inbox_length: number;
  readonly inbox_done: number;
}

export function toOrder(row: OrderRow): StoredOrder {
  return {
    orderId: row.id,
    owner: row.owner,
    clientOrderId: row.client_order_id,
    requestHash: row.request_hash,
    version: row.version,
    status: row.status,
    state: JSON.parse(row.state) as StoredState,
    lastSeq: row.last_seq,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    worker: row.worker,
    held: row.held === null ? null : toHold(row.held),
  };
}

export function toHold(json: string): Hold {
  return JSON.parse(json) as Hold;
}

export function toReleases(json: string): readonly string[] {
  return JSON.parse(json) as string[];
}

export function toEntry(json: string): JournalEntry {
  return JSON.parse(json) as JournalEntry;
}

export function toCommand(json: string): Command {
  return JSON.parse(json) as Command;
}
