/**
 * Moves all orders from one store to another. Running it again continues it: an order that is there and the same is skipped, one
 * that is there and different ends the move before anything else is written. Nothing is overwritten and nothing is deleted.
 */
import { hash, createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { OrderRecord, OrderRecords } from '../store/order-records.ts';
import { OperatorError } from '../operator-error.ts';

export interface MoveOptions {
  readonly from: OrderRecords;
  readonly to: OrderRecords;
  /** Called after each batch. */
  readonly progress: (counted: { readonly written: number; readonly same: number }) => void;
}

export interface Contents {
  readonly orders: number;
  /** SHA-256 over all orders in the order of their ids. */
  readonly digest: string;
}

export interface Moved {
  readonly written: number;
  /** Were there already. */
  readonly same: number;
  readonly source: Contents;
  readonly target: Contents;
  /** Whether the target now holds exactly what the source does. */
  readonly isVerified: boolean;
}

const BATCH = 200;

/** @throws OperatorError when an id has another order in the target */
export async function moveOrders({ from, to, progress }: MoveOptions): Promise<Moved> {
  let written = 0;
  let same = 0;
  for await (const batch of batches(from)) {
    for (const put of await Promise.all(batch.map((record) => putOne(to, record)))) {
      if (put) written += 1;
      else same += 1;
    }
    progress({ written, same });
  }
  const [source, target] = [await contentsOf(from), await contentsOf(to)];
  return { written, same, source, target, isVerified: source.digest === target.digest };
}

export async function contentsOf(records: OrderRecords): Promise<Contents> {
  const digest = createHash('sha256');
  let orders = 0;
  for await (const batch of batches(records)) {
    for (const record of batch) digest.update(digestOf(record));
    orders += batch.length;
  }
  return { orders, digest: digest.digest('hex') };
}

/** False: it was there. */
async function putOne(to: OrderRecords, record: OrderRecord): Promise<boolean> {
  const put = await to.put(record);
  if (put.written) return true;
  if (digestOf(put.existing) === digestOf(record)) return false;
  throw new OperatorError(
    `order ${record.orderId} is in the target and differs (version ${put.existing.version}, here ${record.version}): nothing was overwritten; move into an empty store, or one that was filled from this one`,
  );
}

async function* batches(records: OrderRecords): AsyncGenerator<readonly OrderRecord[]> {
  let after: string | null = null;
  for (;;) {
    const batch: readonly OrderRecord[] = await records.page(after, BATCH);
    if (batch.length === 0) return;
    yield batch;
    after = batch.at(-1)?.orderId ?? null;
  }
}

function digestOf(record: OrderRecord): string {
  return hash('sha256', canonicalize(record) ?? '', 'hex');
}
