import BeeQueue from 'bee-queue';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { QueueOnRedis } from './queue-on-redis.ts';
import { eventually } from '../support/eventually.ts';

let on: QueueOnRedis;
beforeEach(async () => {
  on = new QueueOnRedis();
  await on.redis.start();
});
afterEach(() => on.end());

test('a worker that dies with a wake-up blocks equal wake-ups for two seconds, and never those of a later version', async () => {
  let now = 10_000_000;
  const queue = on.open({ now: () => now });
  await queue.wake([{ orderId: 'a', version: 1 }]);
  await takeAndDie();
  queue.consume(8, (orderId) => {
    on.delivered.push(orderId);
    return Promise.resolve();
  });
  await queue.wake([
    { orderId: 'a', version: 1 },
    { orderId: 'b', version: 1 },
  ]);
  await on.hasDelivered('b');
  expect(on.delivered).toEqual(['b']);
  await queue.wake([{ orderId: 'a', version: 2 }]);
  await on.hasDelivered('a');
  now += 2_000;
  await queue.wake([{ orderId: 'a', version: 1 }]);
  await eventually(
    () => on.delivered,
    (orderIds) => orderIds.filter((orderId) => orderId === 'a').length === 2,
  );
});

/** What a kill leaves in Redis: the job is active, and no worker finishes it. */
async function takeAndDie(): Promise<void> {
  const dying = new BeeQueue('order-1', {
    prefix: 'fillstream',
    redis: { path: on.redis.path },
    // Bee-Queue leaves a timer of half of it behind when a job outlives the closing.
    stallInterval: 100,
  });
  dying.on('error', () => undefined);
  await new Promise<void>((taken) => {
    dying.process(
      () =>
        new Promise<void>(() => {
          taken();
        }),
    );
  });
  await dying.close(1).catch(() => undefined);
}
