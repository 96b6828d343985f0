/**
 * BullMQ, a table and WebSockets in one process, as tutorials put them together: a row an order, updated at each transition; a job
 * an order, which starts from the beginning if it runs again.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Queue, Worker } from 'bullmq';
import { ACCEPTED, TRANSITIONS, type OrderTerms } from './order-work.ts';
import { serveOrders, setting, Watchers } from './serve-orders.ts';

interface OrderJob {
  readonly orderId: string;
  readonly terms: OrderTerms;
}

const connection = { host: '127.0.0.1', port: Number(setting('REDIS_PORT')) };
const concurrency = Number(setting('CONCURRENCY'));

const database = new Database(join(setting('DATA_DIR'), 'orders.sqlite'));
// What better-sqlite3's documents recommend. It is built with synchronous = NORMAL in this mode: no fsync a commit.
database.pragma('journal_mode = WAL');
database.exec(
  'CREATE TABLE orders (id TEXT PRIMARY KEY, terms TEXT NOT NULL, state TEXT NOT NULL, facts TEXT NOT NULL, updatedAt INTEGER NOT NULL)',
);
const insert = database.prepare('INSERT INTO orders VALUES (?, ?, ?, ?, ?)');
const update = database.prepare('UPDATE orders SET state = ?, facts = ?, updatedAt = ? WHERE id = ?');

const watchers = new Watchers();
const queue = new Queue<OrderJob>('orders', { connection });
const worker = new Worker<OrderJob>(
  'orders',
  async ({ data: { orderId, terms } }) => {
    let known = {};
    for (const { state, effect } of TRANSITIONS) {
      const facts = await effect(orderId, terms);
      known = { ...known, ...facts };
      update.run(state, JSON.stringify(known), Date.now(), orderId);
      watchers.push(orderId, state, facts);
    }
  },
  { connection, concurrency, removeOnComplete: { count: 1000 }, removeOnFail: { count: 5000 } },
);
worker.on('error', (error) => console.error(error));
await worker.waitUntilReady();

await serveOrders(watchers, async (terms) => {
  const orderId = randomUUID();
  insert.run(orderId, JSON.stringify(terms), ACCEPTED, '{}', Date.now());
  watchers.push(orderId, ACCEPTED, {});
  await queue.add('execute', { orderId, terms });
  return orderId;
});
