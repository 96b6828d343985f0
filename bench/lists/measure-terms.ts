/**
 * `npm run bench -- --terms`: what the terms and counts of ended orders cost each commit in SQLite. Orders of ten entries each are written
 * to a file with their triggers and to one without, in turns.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { orderIdOf } from '../../src/orders/submission/order-id.ts';
import { statusOf } from '../../machines/order/state.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { cpuSeconds } from '../process-cost.ts';
import { OWNER } from './stored-orders.ts';
import { runTemplateOrder, type TemplateOrder } from './template-order.ts';

const ROUNDS = 5;
const ORDERS = 400;

export async function measureTerms(): Promise<void> {
  const template = await runTemplateOrder();
  const costs = { with: [] as number[], without: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of ['without', 'with'] as const)
      costs[kind].push(await measure(template, kind === 'with'));
  }
  for (const [kind, micros] of Object.entries(costs)) {
    const sorted = micros.toSorted((a, b) => a - b).map((each) => each.toFixed(1));
    console.log(`${kind} terms: ${sorted.join(', ')} µs CPU a commit, ${template.journal.length} an order`);
  }
}

async function measure(template: TemplateOrder, hasTerms: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'fillstream-terms-'));
  const file = join(folder, 'orders.sqlite');
  const store = await openSqliteStore({ file });
  if (!hasTerms) {
    const db = new Database(file);
    db.exec('DROP TRIGGER order_ended; DROP TRIGGER ended_order_stored');
    db.close();
  }
  const before = cpuSeconds(process.pid);
  const running = Array.from({ length: 20 }, async (_, line) => {
    for (let n = line; n < ORDERS; n += 20) await writeOrder(store, template, orderIdOf(OWNER, `order ${n}`));
  });
  await Promise.all(running);
  const micros = ((cpuSeconds(process.pid) - before) * 1e6) / (ORDERS * template.journal.length);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
  return micros;
}

async function writeOrder(store: Store, { order, journal }: TemplateOrder, orderId: string): Promise<void> {
  const [entry, ...others] = journal;
  if (entry === undefined) throw new Error('the template order has no journal');
  const { requestHash, createdAt, state } = order;
  const status = 'pending';
  await store.orders.create({
    orderId,
    owner: OWNER,
    clientOrderId: null,
    requestHash,
    status,
    state,
    createdAt,
    entry,
  });
  let version = 1;
  for (const each of others) {
    const { outcome } = await store.orders.commit({
      orderId,
      expectedVersion: version,
      commitId: `entry ${each.seq}`,
      status: statusOf(each.state),
      state,
      entries: [each],
      inboxDone: 0,
    });
    if (outcome !== 'committed') throw new Error(`entry ${each.seq} was not committed: ${outcome}`);
    version += 1;
  }
}
