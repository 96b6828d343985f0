/** Reads from the store how each order ended, which amounts it reports, and which transactions it names. */
import { readStoredContext } from '../../../../src/journal/stored-context.ts';
import type { Store, StoredOrder } from '../../../../src/store/ports.ts';

export interface AuditedOrder {
  readonly orderId: string;
  readonly status: StoredOrder['status'];
  readonly epoch: number;
  /** Symbols. */
  readonly sellToken: string;
  readonly buyToken: string;
  readonly recipient: string | null;
  readonly reason: string | null;
  /** Seconds from `validTo` to its last entry; negative: before it. */
  readonly endedLate: number;
  /** The transaction hashes in its journal, in lower case. */
  readonly named: ReadonlySet<string>;
  /** From its last entry. */
  readonly fill: {
    readonly hash: string;
    readonly block: number;
    readonly sold: bigint;
    readonly bought: bigint;
  } | null;
}

export async function readAuditedOrders(store: Store): Promise<readonly AuditedOrder[]> {
  const found: AuditedOrder[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await store.orders.list({
      owner: 'local',
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const order of page.orders) found.push(await auditedOrder(store, order));
    cursor = page.nextCursor;
  }
  return found;
}

async function auditedOrder(store: Store, order: StoredOrder): Promise<AuditedOrder> {
  const { terms, epoch, reason } = readStoredContext(order.state.context);
  const entries = await store.journal.read(order.orderId, 0, 10_000);
  const messages = entries.map(({ message }) => message);
  const named = messages.flatMap((message) =>
    message.type === 'submitted' && message.transaction !== undefined ? [message.transaction.hash] : [],
  );
  const last = messages.at(-1);
  return {
    orderId: order.orderId,
    status: order.status,
    epoch,
    sellToken: terms.sellToken ?? '',
    buyToken: terms.buyToken ?? '',
    recipient: terms.recipient,
    reason: reason?.code ?? null,
    endedLate: (entries.at(-1)?.at ?? 0) / 1_000 - (terms.validTo ?? 0),
    named: new Set(named.map((hash) => hash.toLowerCase())),
    fill:
      last?.type === 'confirmed'
        ? {
            hash: last.transactionHash.toLowerCase(),
            block: last.block,
            sold: BigInt(last.executedSellAmount),
            bought: BigInt(last.executedBuyAmount),
          }
        : null,
  };
}
