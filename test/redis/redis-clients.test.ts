/** What happens to notifications while Redis is unavailable. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openRedisClients } from '../../src/redis/redis-clients.ts';
import { eventually } from '../support/eventually.ts';
import { range } from '../feed/clients.ts';
import { RedisServer } from '../support/redis/redis-server.ts';

const redis = new RedisServer();
const log = pino({ level: 'silent' });
beforeAll(() => redis.start());
afterAll(() => redis.remove());

const isUp = (clients: { isUp(): boolean }, up: boolean): Promise<boolean> =>
  eventually(
    () => clients.isUp(),
    (is) => is === up,
  );

test('every publish settles, none is kept, and what was lost is counted', async () => {
  const clients = openRedisClients(redis.path, log);
  await clients.sub.subscribe('hints');
  await isUp(clients, true);
  expect(await clients.pub.publish('hints', 'received')).toBe(1);

  redis.pause(true);
  const stuck = range(1, 5_000).map(() => clients.pub.publish('hints', 'x'.repeat(100)));
  expect(clients.pub.isReady).toBe(false);
  expect(clients.lostNotifications).toBe(3_000);
  await redis.kill();
  expect(new Set(await Promise.all(stuck))).toEqual(new Set([0]));
  expect(clients.lostNotifications).toBe(5_000);

  await redis.start();
  await isUp(clients, true);
  expect(await clients.pub.publish('hints', 'received again')).toBe(1);
  await clients.close();
});

test('a start without Redis is only late', async () => {
  await redis.kill();
  const clients = openRedisClients(redis.path, log);
  await clients.sub.subscribe('hints');
  await clients.sub.psubscribe('more*');
  expect(await clients.pub.publish('hints', 'lost')).toBe(0);
  await redis.start();
  await isUp(clients, true);
  const received = new Promise((resolve) =>
    clients.sub.on('messageBuffer', (_channel, text) => resolve(text)),
  );
  expect(await clients.pub.publish('hints', 'received')).toBe(1);
  expect(String(await received)).toBe('received');
  await clients.close();
});

test('closing while Redis is stuck takes no longer', async () => {
  const clients = openRedisClients(redis.path, log);
  await clients.sub.subscribe('hints');
  await isUp(clients, true);
  redis.pause(true);
  const stuck = clients.pub.publish('hints', 'stuck');
  await clients.close();
  expect(await stuck).toBe(0);
  redis.pause(false);
});
