/** Every way to watch, over two apis and both stores, while what may fail does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';
import { RedisServer } from '../../support/redis/redis-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { storm, type StormSize } from './storm.ts';

const SIZE: StormSize = {
  orders: 40,
  entries: 12,
  single: 15,
  sockets: 5,
  all: 5,
  durationMs: 4_000,
  patienceMs: 40_000,
};

const redis = new RedisServer();
beforeAll(() => redis.start());
afterAll(() => redis.remove());

test('on SQLite no watcher sees a gap, a repeat, disorder or an order of another owner', async () => {
  const dir = tempDir();
  const file = join(dir.path, 'orders.sqlite');
  const { faults, watchers, entries } = await storm('SQLite', () => openSqliteStore({ file }), redis, SIZE);
  dir.remove();
  expect(faults).toEqual([]);
  expect(watchers).toBe(45);
  expect(entries).toBeGreaterThan(10 * SIZE.orders * SIZE.entries);
}, 90_000);

describeOnMongo('with MongoDB', () => {
  test('no watcher sees a gap, a repeat, disorder or an order of another owner', async () => {
    const url = mongoUrl();
    const { faults, watchers } = await storm('MongoDB', () => openMongoStore({ url }), redis, SIZE);
    await dropDatabase(url);
    expect(faults).toEqual([]);
    expect(watchers).toBe(45);
  }, 90_000);
});
