import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { QueueOnRedis, wakeOnceItCan } from './queue-on-redis.ts';

let on: QueueOnRedis;
beforeEach(async () => {
  on = new QueueOnRedis();
  await on.redis.start();
});
afterEach(() => on.end());

const FAULTS: Record<string, () => Promise<unknown>> = {
  'kill -9 and a restart, empty': async () => {
    await on.redis.kill();
    await on.redis.start();
  },
  'SCRIPT FLUSH': () => on.redis.command('SCRIPT', 'FLUSH'),
  FLUSHALL: () => on.redis.command('FLUSHALL'),
  'CLIENT KILL of every connection': () => on.redis.command('CLIENT', 'KILL', 'SKIPME', 'yes'),
  'CLIENT KILL of plain connections': () => on.redis.command('CLIENT', 'KILL', 'TYPE', 'normal'),
  'CLIENT KILL of subscribed connections': () => on.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'),
};

describe.each(Object.entries(FAULTS))('after %s', (_, happens) => {
  test('wake-ups for now and for later flow again, again and again, without a restart', async () => {
    const consuming = on.openConsuming();
    const asking = on.open();
    await asking.wake([{ orderId: 'before', version: 1 }]);
    await on.hasDelivered('before');
    for (const round of [1, 2, 3]) {
      await happens();
      await wakeOnceItCan(asking, `now-${round}`);
      await wakeOnceItCan(consuming, `own-${round}`);
      await on.hasDelivered(`now-${round}`, `own-${round}`);
      await asking.wakeLater({ orderId: `later-${round}`, version: 1 }, 100);
      await on.hasDelivered(`later-${round}`);
    }
  });
});

test('flushed scripts cost no wake-up', async () => {
  let now = 10_000_000;
  const queue = on.openConsuming({ now: () => now });
  await queue.wake([{ orderId: 'before', version: 1 }]);
  // A connection that is lost as soon as it is made is not replaced at once; this one is older.
  now += 2_000;
  await on.redis.command('SCRIPT', 'FLUSH');
  await queue.wake([{ orderId: 'after', version: 1 }]);
  await on.hasDelivered('before', 'after');
});

test('one for later that was saved before its connections were killed still comes', async () => {
  const queue = on.openConsuming();
  await queue.wakeLater({ orderId: 'later', version: 1 }, 300);
  await on.redis.command('CLIENT', 'KILL', 'SKIPME', 'yes');
  await on.hasDelivered('later');
});

test('while Redis is unavailable, calls fail instead of hanging, and the depth is unknown', async () => {
  const queue = on.openConsuming();
  await queue.wake([{ orderId: 'before', version: 1 }]);
  await on.redis.kill();
  await expect(queue.wake([{ orderId: 'lost', version: 1 }])).rejects.toThrow();
  await expect(queue.wakeLater({ orderId: 'lost', version: 1 }, 10)).rejects.toThrow();
  expect(await queue.depth()).toBeNull();
});

test('a Redis that hangs makes calls fail, does not delay closing, and keeps nothing once it goes on', async () => {
  const queue = on.openConsuming();
  await queue.wake([{ orderId: 'before', version: 1 }]);
  await on.hasDelivered('before');
  on.redis.pause(true);
  await expect(queue.wake([{ orderId: 'slow', version: 1 }])).rejects.toThrow('longer than');
  expect(await queue.depth()).toBeNull();
  const opened = on.open();
  await expect(opened.wake([{ orderId: 'slow', version: 1 }])).rejects.toThrow();
  await opened.close();
  on.redis.pause(false);
  await wakeOnceItCan(queue, 'after');
  await on.hasDelivered('after');
  await queue.close();
  await eventually(
    () => on.redis.command('CLIENT', 'LIST'),
    (clients) => String(clients).trim().split('\n').length === 1,
  );
});

test('opened before Redis is there, it delivers as soon as it is', async () => {
  await on.redis.kill();
  const queue = on.openConsuming();
  await expect(queue.wake([{ orderId: 'early', version: 1 }])).rejects.toThrow();
  await on.redis.start();
  await wakeOnceItCan(queue, 'after');
  await on.hasDelivered('after');
});

test('opened and closed without a Redis, it ends', async () => {
  await on.redis.kill();
  await on.openConsuming().close();
});

test('its places are not doubled by a new connection while the old one still looks at orders', async () => {
  const queue = on.open();
  const waiting: (() => void)[] = [];
  const taken: string[] = [];
  queue.consume(2, (orderId) => {
    taken.push(orderId);
    return new Promise<void>((resolve) => waiting.push(resolve));
  });
  await queue.wake(['a', 'b'].map((orderId) => ({ orderId, version: 1 })));
  await eventually(
    () => taken.length,
    (length) => length === 2,
  );
  await on.redis.command('CLIENT', 'KILL', 'SKIPME', 'yes');
  await wakeOnceItCan(queue, 'c');
  await eventually(
    () => on.redis.command('LLEN', 'fillstream:order-1:waiting'),
    (length) => length === 0,
  );
  expect(taken).toEqual(['a', 'b']);
  waiting.shift()?.();
  await eventually(
    () => taken,
    (ids) => ids.includes('c'),
  );
  for (const finish of waiting) finish();
});
