/** A process that writes orders and says so on its output, one line for each answered write, until it is killed. */
import { writeSync } from 'node:fs';
import type { Store } from '../../../src/store/ports.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { aCommit, aNewOrder, drawIdsFor } from '../../contracts/order-store/order-store-samples.ts';

const WRITERS = 16;
const COMMITS_AN_ORDER = 5;

async function writeUntilKilled(store: Store): Promise<never> {
  for (;;) {
    const order = aNewOrder();
    await store.orders.create(order);
    report(order.orderId, 1);
    for (let version = 1; version <= COMMITS_AN_ORDER; version++) {
      const seen = { orderId: order.orderId, version, lastSeq: version };
      const { outcome } = await store.orders.commit(aCommit(seen));
      if (outcome !== 'committed') throw new Error(`order ${order.orderId}: ${outcome}`);
      report(order.orderId, version + 1);
    }
  }
}

function report(orderId: string, lastSeq: number): void {
  writeSync(1, `${orderId} ${lastSeq}\n`);
}

const [, , file, name] = process.argv;
if (file === undefined || name === undefined) throw new Error('expected the file to write to, and a name');
drawIdsFor(name);
const store = await openSqliteStore({ file });
await Promise.all(Array.from({ length: WRITERS }, () => writeUntilKilled(store)));
