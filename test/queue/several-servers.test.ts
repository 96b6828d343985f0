/** One queue over several Redis servers that know nothing of each other. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openWakeQueue } from '../../src/queue/bee-wake-queue.ts';
import type { WakeQueue } from '../../src/queue/port.ts';
import { systemClock } from '../../src/runtime/time.ts';
import { eventually } from '../support/eventually.ts';
import { freePorts, RedisProcess } from '../support/redis/redis-process.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { makeTlsFiles } from '../support/tls-files.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const common = { machineVersion: 1, clock: systemClock, log: silent };
const ORDERS = Array.from({ length: 60 }, (_, index) => `order-${index}`);
const wakeUps = (orderIds: readonly string[], version = 1) =>
  orderIds.map((orderId) => ({ orderId, version }));

let servers: readonly [RedisServer, RedisServer, RedisServer];
let queues: WakeQueue[];
let delivered: string[];

beforeEach(async () => {
  servers = [new RedisServer(), new RedisServer(), new RedisServer()];
  await Promise.all(servers.map((server) => server.start()));
  queues = [];
  delivered = [];
});
afterEach(async () => {
  try {
    await Promise.all(queues.map((queue) => queue.close()));
  } finally {
    await Promise.all(servers.map((server) => server.remove()));
  }
});

function open(): WakeQueue {
  const queue = openWakeQueue({ ...common, address: servers.map(({ path }) => path) });
  queues.push(queue);
  return queue;
}

function openConsuming(): WakeQueue {
  const queue = open();
  queue.consume(8, (orderId) => {
    delivered.push(orderId);
    return Promise.resolve();
  });
  return queue;
}

async function waitingOn(server: RedisServer): Promise<string[]> {
  const jobIds = await server.command('LRANGE', 'fillstream:order-1:waiting', '0', '-1');
  return Array.isArray(jobIds) ? jobIds.map((jobId) => String(jobId).split(':', 1)[0] ?? '') : [];
}

const haveBeenDelivered = (orderIds: readonly string[]): Promise<unknown> =>
  eventually(
    () => orderIds.filter((orderId) => !delivered.includes(orderId)),
    ({ length }) => length === 0,
  );

test('orders are spread over the servers, each always to the same, and a worker receives from all', async () => {
  const asking = open();
  await asking.wake(wakeUps(ORDERS));
  const shares = await Promise.all(servers.map(waitingOn));
  for (const share of shares) expect(share.length).toBeGreaterThan(10);
  expect(shares.flat().sort()).toEqual([...ORDERS].sort());
  await open().wake(wakeUps(ORDERS, 2));
  const again = await Promise.all(servers.map(waitingOn));
  expect(again.map((share) => new Set(share))).toEqual(shares.map((share) => new Set(share)));
  await asking.wakeLater({ orderId: 'later', version: 1 }, 600_000);
  expect(await asking.depth()).toEqual({ waiting: 120, delayed: 1 });
  openConsuming();
  await haveBeenDelivered(ORDERS);
});

test('a server that is lost stops only its own share, which is delivered again when it is back', async () => {
  const queue = open();
  const [lost, ...others] = servers;
  await queue.wake(wakeUps(ORDERS));
  const share = await waitingOn(lost);
  openConsuming();
  await haveBeenDelivered(ORDERS);
  delivered.length = 0;
  await lost.kill();

  await expect(queue.wake(wakeUps(ORDERS, 2))).rejects.toThrow('1 of 3 servers');
  const rest = ORDERS.filter((orderId) => !share.includes(orderId));
  await haveBeenDelivered(rest);
  expect(delivered).toHaveLength(rest.length);
  const [ofShare = '', ofRest = ''] = [share[0], rest[0]];
  await expect(queue.wakeLater({ orderId: ofShare, version: 3 }, 10)).rejects.toThrow();
  await queue.wakeLater({ orderId: ofRest, version: 3 }, 600_000);
  expect(await queue.depth()).toEqual({ waiting: 0, delayed: 1 });

  await lost.start();
  let version = 3;
  await eventually(
    () =>
      queue.wake(wakeUps(share, (version += 1))).then(
        () => true,
        () => false,
      ),
    (accepted) => accepted,
  );
  await haveBeenDelivered(share);
  await Promise.all([lost, ...others].map((server) => server.kill()));
  expect(await queue.depth()).toBeNull();
  await expect(queue.wake(wakeUps(ORDERS, 100))).rejects.toThrow('3 of 3 servers');
});

test('one bound holds over all servers', async () => {
  const queue = open();
  let running = 0;
  let most = 0;
  const done: string[] = [];
  queue.consume(4, async (orderId) => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    done.push(orderId);
  });
  await queue.wake(wakeUps(ORDERS));
  await eventually(
    () => done.length,
    (count) => count === ORDERS.length,
  );
  expect(most).toBe(4);
});

describe('an address', () => {
  test('of a cluster or of sentinels is refused', () => {
    const refused = {
      'redis+cluster://h1:7000,h2:7001': 'cluster',
      'rediss+sentinel://h1/mymaster': 'sentinel',
    };
    for (const [address, kind] of Object.entries(refused)) {
      expect(() => openWakeQueue({ ...common, address: [servers[0].path, address] })).toThrow(
        `the queue cannot use a ${kind} address: expected single servers, redis:// or rediss://, one or several`,
      );
    }
  });

  test('may ask for TLS, a user, a password and a database', async () => {
    const files = makeTlsFiles();
    const { ca, cert, key, settings } = files;
    const [port = 0] = await freePorts(1);
    const user = 'user queue on >p@ss:w/rd allcommands allkeys allchannels';
    const access = { username: 'queue', password: 'p@ss:w/rd', tls: { ca, cert, key } };
    const server = new RedisProcess({ port, settings: [...settings, 'user default off', user], access });
    await server.start();
    const address = `rediss://queue:p%40ss%3Aw%2Frd@127.0.0.1:${port}/2`;
    const queue = openWakeQueue({ ...common, address, tls: { ca, cert, key } });
    const taken = new Promise((resolve) => {
      queue.consume(1, (orderId) => {
        resolve(orderId);
        return Promise.resolve();
      });
    });
    await queue.wake(wakeUps(['a']));
    expect(await taken).toBe('a');
    expect(await server.command('INFO', 'keyspace')).toContain('db2:');
    const stranger = openWakeQueue({ ...common, address, tls: { cert, key } });
    await expect(stranger.wake(wakeUps(['b']))).rejects.toThrow();
    await Promise.all([queue.close(), stranger.close()]);
    await server.remove();
    files.remove();
  });
});
