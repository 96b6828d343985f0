/** The storm in its full size: `npm run chaos:streams`, with MONGODB_URL on MongoDB, else on SQLite. */
import { join } from 'node:path';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { RedisServer } from '../../support/redis/redis-server.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { storm } from './storm.ts';

const SIZE = {
  orders: 500,
  entries: 12,
  single: 450,
  sockets: 50,
  all: 25,
  durationMs: 60_000,
  patienceMs: 240_000,
};

const url = process.env['MONGODB_URL'];
const dir = tempDir();
const redis = new RedisServer();
await redis.start();
const openStore =
  url === undefined
    ? () => openSqliteStore({ file: join(dir.path, 'orders.sqlite') })
    : () => openMongoStore({ url });
const begun = performance.now();
const { faults, ...counts } = await storm(url === undefined ? 'SQLite' : 'MongoDB', openStore, redis, SIZE);
const seconds = Math.round((performance.now() - begun) / 1000);
console.log(JSON.stringify({ ...counts, faults: faults.length, seconds }));
for (const fault of faults.slice(0, 20)) console.log(fault);
await redis.remove();
dir.remove();
process.exit(faults.length === 0 ? 0 : 1);
