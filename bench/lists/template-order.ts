/** Runs a real order to its end. All stored orders of the list benchmark are copies of it. */
import { LoadGenerator } from '../load.ts';
import { BenchDeployment, ONE_PROCESS } from '../deployment.ts';
import { dataFiles } from '../../src/settings/data-dir.ts';
import type { JournalEntry } from '../../src/journal/entry.ts';
import type { StoredOrder } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';

export interface TemplateOrder {
  readonly order: StoredOrder;
  readonly journal: readonly JournalEntry[];
}

export async function runTemplateOrder(): Promise<TemplateOrder> {
  const deployment = await BenchDeployment.start(ONE_PROCESS);
  try {
    const load = new LoadGenerator(deployment.urls);
    await load.connect(1);
    await load.run();
    load.close();
    const store = await openSqliteStore({ file: dataFiles(deployment.dataDir).orders });
    const { orders } = await store.orders.list({ owner: 'local', limit: 1 });
    const [order] = orders;
    if (order?.status !== 'confirmed') throw new Error('the template order did not end as confirmed');
    const journal = await store.journal.read(order.orderId, 0, order.lastSeq);
    await store.close();
    return { order, journal };
  } finally {
    await deployment.end();
  }
}
