/**
 * Writes two samples through the store's port, an ended order and a waiting one. Copies of their rows or documents have the shape
 * that the adapter writes.
 */
import { statusOf } from '../../machines/order/state.ts';
import type { Store } from '../../src/store/ports.ts';
import type { TemplateOrder } from './template-order.ts';
import { OWNER } from './stored-orders.ts';
import { orderIdOf } from '../../src/orders/submission/order-id.ts';

export interface Samples {
  /** The samples' ids, which their stored texts contain, too. */
  readonly ended: string;
  readonly open: string;
}

export const SAMPLE_CLIENT_ORDER_ID = 'sample';

export async function writeSamples(store: Store, { order, journal }: TemplateOrder): Promise<Samples> {
  const ended = orderIdOf(OWNER, 'ended sample');
  const open = orderIdOf(OWNER, 'open sample');
  for (const orderId of [ended, open]) {
    const named = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value).replaceAll(order.orderId, orderId)) as T;
    const [first, ...others] = journal.map(named);
    if (first === undefined) throw new Error('the template order has no journal');
    const state = named(order.state);
    const { requestHash, createdAt } = order;
    const clientOrderId = SAMPLE_CLIENT_ORDER_ID;
    await store.orders.create({
      orderId,
      owner: OWNER,
      clientOrderId,
      requestHash,
      status: 'pending',
      state,
      createdAt,
      entry: first,
    });
    if (orderId === open) continue;
    const rules = {
      machineVersion: state.machineVersion,
      release: 'bench',
      deadAfterMs: 1_000,
      earlyMs: 1_000,
    };
    let version = (await store.work.claim(orderId, 'sampler', rules))?.version ?? 0;
    for (const entry of others) {
      const { outcome } = await store.orders.commit({
        orderId,
        expectedVersion: version,
        commitId: `sample ${entry.seq}`,
        status: statusOf(entry.state),
        state,
        entries: [entry],
        inboxDone: 0,
      });
      if (outcome !== 'committed')
        throw new Error(`the sample's entry ${entry.seq} was not committed: ${outcome}`);
      version += 1;
    }
  }
  return { ended, open };
}
