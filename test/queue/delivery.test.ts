import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { QueueOnRedis } from './queue-on-redis.ts';

let on: QueueOnRedis;
beforeEach(async () => {
  on = new QueueOnRedis();
  await on.redis.start();
});
afterEach(() => on.end());

const NOTHING_LEFT = { waiting: 0, delayed: 0 };

async function isEmpty(queue: { depth(): Promise<unknown> }): Promise<void> {
  await eventually(
    () => queue.depth(),
    (depth) => JSON.stringify(depth) === JSON.stringify(NOTHING_LEFT),
  );
}

test('a wake-up of one process is delivered by another', async () => {
  on.openConsuming();
  const asking = on.open();
  await asking.wake([
    { orderId: 'a', version: 1 },
    { orderId: 'b', version: 1 },
  ]);
  await Promise.all(['c', 'd', 'e'].map((orderId) => asking.wake([{ orderId, version: 1 }])));
  await on.hasDelivered('a', 'b', 'c', 'd', 'e');
  await isEmpty(asking);
  expect(on.delivered).toHaveLength(5);
});

test('the same wake-up twice within two seconds is one; a later version and a later time are not swallowed', async () => {
  let now = 10_000_000;
  const queue = on.open({ now: () => now });
  await queue.wake([{ orderId: 'a', version: 1 }]);
  await queue.wake([{ orderId: 'a', version: 1 }]);
  expect(await queue.depth()).toEqual({ waiting: 1, delayed: 0 });
  await queue.wake([{ orderId: 'a', version: 2 }]);
  expect(await queue.depth()).toEqual({ waiting: 2, delayed: 0 });
  now += 2_000;
  await queue.wake([{ orderId: 'a', version: 1 }]);
  expect(await queue.depth()).toEqual({ waiting: 3, delayed: 0 });
});

test('a wake-up for now is not taken for the one that waits for a moment later', async () => {
  // Both times in one span of two seconds, and the later one still to come for Redis.
  const start = Math.ceil(Date.now() / 2_000) * 2_000;
  const queue = on.open({ now: () => start });
  await queue.wakeLater({ orderId: 'a', version: 1 }, 1_500);
  await queue.wake([{ orderId: 'a', version: 1 }]);
  expect(await queue.depth()).toEqual({ waiting: 1, delayed: 1 });
});

test('a wake-up that is finished may be sent again at once', async () => {
  const queue = on.openConsuming({ now: () => 10_000_000 });
  await queue.wake([{ orderId: 'a', version: 1 }]);
  await on.hasDelivered('a');
  await eventually(
    async () => {
      await queue.wake([{ orderId: 'a', version: 1 }]);
      return on.delivered.length;
    },
    (times) => times >= 2,
  );
});

test('later wake-ups come in the order of their times, none before its time, and one for now is not delayed by them', async () => {
  const arrivals = new Map<string, number>();
  const queue = on.open();
  const start = Date.now();
  queue.consume(1, (orderId) => {
    arrivals.set(orderId, Date.now() - start);
    return Promise.resolve();
  });
  await Promise.all([
    queue.wakeLater({ orderId: 'third', version: 1 }, 450),
    queue.wakeLater({ orderId: 'first', version: 1 }, 150),
    queue.wakeLater({ orderId: 'second', version: 1 }, 300),
    queue.wakeLater({ orderId: 'both', version: 1 }, 600),
  ]);
  await queue.wake([{ orderId: 'both', version: 1 }]);
  await eventually(
    () => arrivals.size,
    (size) => size === 4,
  );
  expect([...arrivals.keys()]).toEqual(['both', 'first', 'second', 'third']);
  expect(arrivals.get('first')).toBeGreaterThanOrEqual(150);
  expect(arrivals.get('second')).toBeGreaterThanOrEqual(300);
  expect(arrivals.get('third')).toBeGreaterThanOrEqual(450);
  await isEmpty(queue);
});

test('at most as many wake-ups are taken at once as the concurrency allows', async () => {
  const queue = on.open();
  const waiting: (() => void)[] = [];
  let most = 0;
  let done = 0;
  queue.consume(3, async () => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      most = Math.max(most, waiting.length);
    });
    done += 1;
  });
  await queue.wake(Array.from({ length: 9 }, (_, index) => ({ orderId: `o${index}`, version: 1 })));
  while (done < 9) {
    await eventually(
      () => waiting.length,
      (length) => length === Math.min(3, 9 - done),
    );
    for (const finish of waiting.splice(0)) finish();
    const until = done + 1;
    await eventually(
      () => done,
      (count) => count >= until,
    );
  }
  expect(most).toBe(3);
});

test('a wake-up whose handler fails is not repeated, and others are delivered', async () => {
  const queue = on.open();
  const taken: string[] = [];
  queue.consume(1, (orderId) => {
    taken.push(orderId);
    return orderId === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve();
  });
  await queue.wake([{ orderId: 'bad', version: 1 }]);
  await queue.wake([{ orderId: 'good', version: 1 }]);
  await eventually(
    () => taken,
    (ids) => ids.includes('good'),
  );
  await isEmpty(queue);
  expect(taken).toEqual(['bad', 'good']);
  expect(await on.redis.command('LLEN', 'fillstream:order-1:active')).toBe(0);
});

test('each machine version has its own queue', async () => {
  on.openConsuming();
  const next = on.open(undefined, 2);
  await next.wake([{ orderId: 'new', version: 1 }]);
  await on.open().wake([{ orderId: 'old', version: 1 }]);
  await on.hasDelivered('old');
  expect(on.delivered).toEqual(['old']);
  expect(await next.depth()).toEqual({ waiting: 1, delayed: 0 });
});

test('closing ends its connections and refuses later calls', async () => {
  const queue = on.openConsuming();
  await queue.wake([{ orderId: 'a', version: 1 }]);
  await on.hasDelivered('a');
  await queue.close();
  await expect(queue.wake([{ orderId: 'b', version: 1 }])).rejects.toThrow('closed');
  await eventually(
    () => on.redis.command('CLIENT', 'LIST'),
    (clients) => String(clients).trim().split('\n').length === 1,
  );
});

test('closing does not wait forever for a wake-up that hangs', async () => {
  const queue = on.open();
  let isTaken = false;
  let finish: () => void = () => undefined;
  queue.consume(1, () => {
    isTaken = true;
    return new Promise<void>((resolve) => (finish = resolve));
  });
  await queue.wake([{ orderId: 'a', version: 1 }]);
  await eventually(
    () => isTaken,
    (taken) => taken,
  );
  await queue.close();
  finish();
});

test('closing waits for wake-ups that are on their way, and loses none of them', async () => {
  const asking = on.open();
  const saved = asking.wake([{ orderId: 'a', version: 1 }]);
  // The batch has left; there is no connection to Redis yet.
  await new Promise((resolve) => setImmediate(resolve));
  await asking.close();
  await saved;
  on.openConsuming();
  await on.hasDelivered('a');
});
