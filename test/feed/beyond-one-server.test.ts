/**
 * Notifications over a Redis Cluster, through a failover of Sentinel's, and over TLS: processes without sockets announce, plain
 * clients watch.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sleep } from '../../src/runtime/time.ts';
import { eventually } from '../support/eventually.ts';
import { RedisCluster } from '../support/redis/redis-cluster.ts';
import { freePorts, RedisProcess } from '../support/redis/redis-process.ts';
import { RedisSentinel } from '../support/redis/redis-sentinel.ts';
import { makeTlsFiles } from '../support/tls-files.ts';
import { areUp, startAnnouncer, type Announcer } from './announcer.ts';
import { connectSocketIo, range, seqsOf, watchByWebSocket } from './clients.ts';
import { entry, lastEntry, newOrderId } from './entries.ts';
import { startFeedServer, type FeedServer } from './feed-server.ts';
import { MemoryJournal } from './memory-journal.ts';
import type { RedisClientsOptions } from '../../src/redis/redis-clients.ts';

const ENTRIES = 40;
const ORDERS = 20;
/** So that nothing comes but through notifications. */
const NEVER_MS = 600_000;

class Deployment {
  readonly store = new MemoryJournal();
  readonly servers: FeedServer[] = [];
  readonly announcers: Announcer[] = [];

  static async start(
    url: string,
    quietCheckMs: number,
    options: RedisClientsOptions = {},
  ): Promise<Deployment> {
    const started = new Deployment();
    const { servers, announcers, store } = started;
    while (servers.length < 2) servers.push(await startFeedServer(store, url, { quietCheckMs }, options));
    while (announcers.length < 2) announcers.push(startAnnouncer(url, options));
    await areUp(...servers, ...announcers);
    return started;
  }

  /** Every order is watched on both servers, by both kinds of clients, while its entries are announced from elsewhere. */
  async run(durationMs: number, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { servers, announcers, store } = this;
    const orders = range(1, ORDERS).map(() => newOrderId());
    for (const orderId of orders) store.commit(entry(orderId, 1));
    const sockets = servers.map(({ port }) => connectSocketIo(port));
    const watches = await Promise.all(
      orders.flatMap((orderId) => [
        ...servers.map(async ({ port }) => {
          const { first, messages } = watchByWebSocket(port, orderId);
          await first(3);
          return { orderId, seqs: () => seqsOf(messages) };
        }),
        ...sockets.map(async (socket) => {
          expect(await socket.subscribe({ orderId, after: 0 })).toMatchObject({ ok: true });
          return { orderId, seqs: () => seqsOf(socket.of(orderId)) };
        }),
      ]),
    );
    const executing = orders.map(async (orderId, index) => {
      for (const seq of range(2, ENTRIES)) {
        await sleep((Math.random() * 2 * durationMs) / ENTRIES);
        const message = store.commit(seq === ENTRIES ? lastEntry(orderId, seq) : entry(orderId, seq));
        announcers[index % announcers.length]?.notifications.announce(message);
      }
    });
    await Promise.all([meanwhile(), ...executing]);
    for (const { orderId, seqs } of watches) {
      await eventually(seqs, ({ length }) => length >= ENTRIES);
      expect({ orderId, seqs: seqs() }).toEqual({ orderId, seqs: range(1, ENTRIES) });
    }
    for (const { socket } of sockets) socket.disconnect();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers, ...this.announcers].map((one) => one.stop()));
  }
}

const files = makeTlsFiles();
const { ca, cert, key } = files;
const user = 'user feed on >p@ss:w/rd allcommands allkeys allchannels';
const settings = [...files.settings, 'user default off', user];
const access = { username: 'feed', password: 'p@ss:w/rd', tls: { ca, cert, key } };
const userInfo = 'feed:p%40ss%3Aw%2Frd@';
const secureCluster = {
  settings: [...settings, 'tls-cluster yes', 'tls-replication yes'],
  access,
};
const secureSentinel = { settings: [...files.settings, 'tls-replication yes'], access: { tls: access.tls } };

let cluster: RedisCluster;
let secured: RedisCluster;
let sentinel: RedisSentinel;
let securedSentinel: RedisSentinel;
beforeAll(async () => {
  [cluster, secured, sentinel, securedSentinel] = await Promise.all([
    RedisCluster.start(),
    RedisCluster.start(secureCluster),
    RedisSentinel.start(),
    RedisSentinel.start(secureSentinel),
  ]);
});
afterAll(async () => {
  await Promise.all([cluster, secured, sentinel, securedSentinel].map((servers) => servers.remove()));
  files.remove();
});

describe('a Redis Cluster', () => {
  test('carries entries from any node to all', async () => {
    const there = await Deployment.start(cluster.url(), NEVER_MS);
    await there.run(200);
    await there.stop();
  });

  test('loses nodes one after the other, and every plain client gets each entry once and in order', async () => {
    const there = await Deployment.start(cluster.url(), 100);
    await there.run(1_200, async () => {
      for (const node of cluster.nodes) {
        await sleep(100);
        await node.kill();
        await sleep(200);
        await node.start();
      }
    });
    await areUp(...there.servers, ...there.announcers);
    await there.stop();
    await cluster.isWhole();
  });

  test('is found again through nodes that were not named, and without any of them is only missed', async () => {
    const [named, ...others] = cluster.nodes;
    if (named === undefined) throw new Error('expected three nodes');
    const there = await Deployment.start(cluster.url(undefined, undefined, [named]), NEVER_MS);
    await named.kill();
    await eventually(
      () => there.servers.every(({ redis }) => !redis.isUp()),
      (away) => away,
    );
    await areUp(...there.servers, ...there.announcers);
    await there.run(200);
    await Promise.all(others.map((node) => node.kill()));
    await eventually(
      () => there.announcers.map(({ redis }) => redis.pub.isReady),
      (ready) => ready.every((is) => !is),
    );
    expect(await there.announcers[0]?.redis.pub.publish('anything', 'lost')).toBe(0);
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await areUp(...there.servers, ...there.announcers);
    await there.stop();
    await cluster.isWhole();
  });

  test('that stops answering settles every publish, and the others are used instead', async () => {
    const [silent] = cluster.nodes;
    if (silent === undefined) throw new Error('expected three nodes');
    // Both connections of one process to the node that will be silent.
    const process = startAnnouncer(cluster.url(), { random: () => 0 });
    await areUp(process);
    silent.pause(true);
    const stuck = range(1, 100).map(() => process.redis.pub.publish('anything', 'stuck'));
    expect(new Set(await Promise.all(stuck))).toEqual(new Set([0]));
    expect(process.redis.lostNotifications).toBe(100);
    await areUp(process);
    silent.pause(false);
    await process.stop();
  });

  test('is served by other nodes once one is taken out of it', async () => {
    const [first, ...others] = cluster.nodes;
    if (first === undefined) throw new Error('expected three nodes');
    const here = startAnnouncer(cluster.url(), { random: () => 0 });
    const there = startAnnouncer(cluster.url(undefined, undefined, others));
    const received: string[] = [];
    there.notifications.onCommand((orderId) => received.push(orderId));
    await areUp(here, there);
    const id = String(await first.command('CLUSTER', 'MYID'));
    await Promise.all(others.map((node) => node.command('CLUSTER', 'FORGET', id)));
    await first.command('CLUSTER', 'RESET');
    const orderId = newOrderId();
    await eventually(
      () => {
        here.notifications.commandWaiting(orderId);
        return received;
      },
      (ids) => ids.includes(orderId),
      5_000,
    );
    await Promise.all([here.stop(), there.stop()]);
  });
});

describe('Sentinel', () => {
  test('changes the master, and every plain client gets each entry once and in order', async () => {
    const there = await Deployment.start(sentinel.url(), 100);
    await there.run(2_000, async () => {
      await sleep(300);
      await sentinel.failOver();
    });
    await areUp(...there.servers, ...there.announcers);
    await there.run(200);
    await there.stop();
  });
});

describe('TLS with certificates on both sides, a user and a password', () => {
  test('is not used with a server whose certificate has an unknown authority', async () => {
    const process = startAnnouncer(secured.url('rediss+cluster', userInfo), { tls: { cert, key } });
    await sleep(300);
    expect(process.redis.isUp()).toBe(false);
    await process.stop();
  });

  test('carries entries over one server', async () => {
    const [port = 0] = await freePorts(1);
    const server = new RedisProcess({ port, settings, access });
    await server.start();
    const url = `rediss://${userInfo}localhost:${port}`;
    const there = await Deployment.start(url, NEVER_MS, { tls: { ca, cert, key } });
    await there.run(200);
    await there.stop();
    await server.remove();
  });

  test('carries entries over a cluster', async () => {
    const url = secured.url('rediss+cluster', userInfo);
    const there = await Deployment.start(url, NEVER_MS, { tls: { ca, cert, key } });
    await there.run(200);
    await there.stop();
  });

  test('carries entries where sentinels point', async () => {
    const url = securedSentinel.url('rediss+sentinel');
    const there = await Deployment.start(url, NEVER_MS, { tls: { ca, cert, key } });
    await there.run(200);
    await there.stop();
  });
});
