/**
 * Something on the way to Redis sends replies that were not asked for: no process ends, and wake-ups are accepted again. A reply that
 * a consumer takes for a job may cost deliveries until its connection is replaced: the sweeper finds what they were for.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openWakeQueue } from '../../src/queue/bee-wake-queue.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { wakeOnceItCan } from './queue-on-redis.ts';

let redis: RedisServer;
beforeEach(async () => {
  redis = new RedisServer();
  await redis.start();
});
afterEach(() => redis.remove());

const UNASKED = ['+OK\r\n', '-ERR not you\r\n', ':7\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n'];

test.each(UNASKED)(
  'the unasked %j ends no process, and wake-ups are accepted and delivered again',
  async (unasked) => {
    const clients = new Set<Socket>();
    const proxy = createServer((client) => {
      const server = connect(redis.path);
      clients.add(client);
      client.on('close', () => clients.delete(client));
      for (const [from, to] of [[client, server] as const, [server, client] as const]) {
        from.on('error', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    const { port } = proxy.address() as AddressInfo;
    const delivered: string[] = [];
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const address = `redis://127.0.0.1:${port}`;
    const queue = openWakeQueue({ address, machineVersion: 1, clock: { now: () => Date.now() }, log });
    queue.consume(4, (orderId) => {
      delivered.push(orderId);
      return Promise.resolve();
    });
    const arrives = async (orderId: string): Promise<void> => {
      await wakeOnceItCan(queue, orderId);
      await eventually(
        () => delivered,
        (all) => all.includes(orderId),
      );
    };
    await arrives('before');
    for (const client of clients) client.write(unasked);
    await wakeOnceItCan(queue, 'after');
    expect(delivered).toContain('before');
    // What the old connection still took may be lost; the consumer goes on with what comes later.
    let sent = 0;
    await eventually(
      async () => {
        sent += 1;
        await wakeOnceItCan(queue, `later-${sent}`);
        return delivered.filter((orderId) => orderId.startsWith('later-')).length;
      },
      (count) => count >= 3,
      5_000,
    );
    await queue.close();
    for (const client of clients) client.destroy();
    await new Promise((closed) => proxy.close(closed));
  },
);
