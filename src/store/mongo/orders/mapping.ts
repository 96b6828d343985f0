/**
 * What documents look like, and the one place where they become the store's types: JSON that this store wrote is not validated
 * again.
 */
import type { Command } from '../../../../machines/order/types.ts';
import type { OrderStatus } from '../../../../machines/order/state.ts';
import type { StoredState } from '../../../../machines/registry.ts';
import type { JournalEntry } from '../../../journal/entry.ts';
import { endCodeOf, termsOf } from '../../order-terms.ts';
import type { Hold, StoredOrder } from '../../ports.ts';

/**
 * One order is one document: its state, its journal and its inbox change together or not at all. State, entries and
 * commands are JSON text: what is in them (any key, any character) is then opaque to MongoDB, and costs it nothing.
 *
 * Fields that decide what is indexed are absent, never null, where they do not apply: the sparse indexes hold only
 * orders that wait (`wakeAt`), run (`worker`) or are open (`open`).
 */
export interface OrderDocument {
  readonly _id: string;
  readonly owner: string;
  readonly clientOrderId?: string;
  readonly requestHash: string;
  readonly version: number;
  readonly machineVersion: number;
  readonly status: OrderStatus;
  /** As long as the order has not ended. */
  readonly open?: true;
  readonly lastSeq: number;
  readonly commitId?: string;
  readonly worker?: string;
  /** As long as no worker runs it. */
  readonly wakeAt?: Date;
  /** When the wait for `wakeAt` began: in the future only where the server's clock was set back. */
  readonly waitsSince?: Date;
  readonly held?: Hold;
  /** The releases that hold it. */
  readonly heldBy?: readonly string[];
  readonly inboxDone: number;
  /** Once a command came, until the order ends. */
  readonly commanded?: true;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly inbox: readonly CommandDocument[];
  readonly state: string;
  readonly journal: readonly string[];
  /** Once it has ended: what it is searched by (order-terms.ts). Absent where an older release ended it: fill-terms.ts adds it. */
  readonly terms?: readonly string[];
  /** Of an ended order: why it ended so, where it did not end as it should. */
  readonly endCode?: string;
}

export interface CommandDocument {
  readonly commandId: string;
  readonly body: string;
}

export interface WorkerDocument {
  readonly _id: string;
  readonly beatAt: Date;
}

/** Leaves out the part that grows with the order. */
export const WITHOUT_JOURNAL = { journal: 0 } as const;

type WithoutJournal = Omit<OrderDocument, 'journal'>;

export function toOrder(document: WithoutJournal): StoredOrder {
  return {
    orderId: document._id,
    owner: document.owner,
    clientOrderId: document.clientOrderId ?? null,
    requestHash: document.requestHash,
    version: document.version,
    status: document.status,
    state: JSON.parse(document.state) as StoredState,
    lastSeq: document.lastSeq,
    createdAt: document.createdAt.getTime(),
    updatedAt: document.updatedAt.getTime(),
    worker: document.worker ?? null,
    held: document.held ?? null,
  };
}

/** What the write that ends an order adds to its document. */
export function endFields(context: unknown): Pick<OrderDocument, 'terms' | 'endCode'> {
  const endCode = endCodeOf(context);
  return { terms: [...termsOf(context)], ...(endCode === null ? {} : { endCode }) };
}

export function toEntry(json: string): JournalEntry {
  return JSON.parse(json) as JournalEntry;
}

export function toCommand({ body }: CommandDocument): Command {
  return JSON.parse(body) as Command;
}
