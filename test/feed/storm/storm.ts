/**
 * Two apis on one store, orders that move, and watchers of every way who lose their connections, while Redis is killed and cut off and an
 * api dies. Then what each watcher received is counted: no gap, no repeat, no disorder, nothing of another owner.
 */
import { sleep } from '../../../src/runtime/time.ts';
import type { Store } from '../../../src/store/ports.ts';
import { eventually } from '../../support/eventually.ts';
import type { RedisServer } from '../../support/redis/redis-server.ts';
import { drawOrderId, seededRandom, type SeededRandom } from '../../support/seeded-random.ts';
import { startFeedServer, type FeedServer } from '../feed-server.ts';
import { JournalWriter } from './journal-writer.ts';
import {
  allByEvents,
  allBySocketIo,
  orderByEvents,
  orderByWebSocket,
  ordersBySocketIo,
  type Watcher,
  type WatcherOptions,
} from './watchers.ts';

export interface StormSize {
  readonly orders: number;
  readonly entries: number;
  /** Watchers of single orders by WebSocket, and as many as server-sent events. */
  readonly single: number;
  /** Socket.IO connections, each with ten orders. */
  readonly sockets: number;
  /** Watchers of all orders by Socket.IO, and as many as server-sent events. */
  readonly all: number;
  readonly durationMs: number;
  /** How long watchers may take, after the storm, to get what they missed. */
  readonly patienceMs: number;
}

export interface StormResult {
  readonly faults: readonly string[];
  readonly watchers: number;
  readonly entries: number;
  readonly repeatsAfterReconnecting: number;
}

export async function storm(
  name: string,
  openStore: () => Promise<Store>,
  redis: RedisServer,
  size: StormSize,
): Promise<StormResult> {
  const random = seededRandom(`the storm on ${name}`);
  const mine = Array.from({ length: size.orders }, () => drawOrderId(random));
  const others = Array.from({ length: Math.ceil(size.orders / 10) }, () => drawOrderId(random));
  const stores = [await openStore(), await openStore(), await openStore()] as const;
  const [writing, ...serving] = stores;
  const servers: FeedServer[] = [];
  for (const store of serving) servers.push(await startFeedServer(store, redis.path, SETTINGS));
  const writer = new JournalWriter(writing, redis.path);
  let isOver = false;
  const options = (): WatcherOptions => ({
    port: () => pick(servers, random).port,
    random: seededRandom(`a watcher on ${name}, ${random()}`),
    lastsMs: () => (isOver ? null : size.durationMs / 5),
  });

  const all = times(size.all, () => [allBySocketIo(options()), allByEvents(options())]);
  const running = all.map((watcher) => watcher.run());
  // They begin with what is committed after they came.
  await eventually(
    () => all,
    (watchers) => watchers.every(({ check }) => check.token !== undefined),
    20_000,
  );
  const single = times(size.single, () => {
    const orderId = pick(mine, random);
    return [orderByWebSocket(orderId, options()), orderByEvents(orderId, options())].map((watcher) => ({
      watcher,
      orderIds: [orderId],
    }));
  });
  const sockets = times(size.sockets, () => {
    const orderIds = times(10, () => [pick(mine, random)]);
    return [{ watcher: ordersBySocketIo(orderIds, options()), orderIds }];
  });
  const write = (owner: string) => (orderId: string) =>
    writer.write(orderId, { owner, entries: size.entries, durationMs: size.durationMs, random });
  const created = Promise.all([...mine.map(write('local')), ...others.map(write('other'))]);
  // An order that is not there yet is an error, which ends the watcher's connection: it comes again.
  running.push(...[...single, ...sockets].map(({ watcher }) => watcher.run()));
  await Promise.all([created, disturb(redis, servers, serving[1], size.durationMs)]);
  isOver = true;

  const watched = [...all.map((watcher) => ({ watcher, orderIds: mine })), ...single, ...sockets];
  const late = (): string[] =>
    watched.flatMap(({ watcher, orderIds }) => missing(watcher, orderIds, size.entries));
  // Servers accept what the storm left in their backlog one by one.
  await eventually(late, ({ length }) => length === 0, size.patienceMs).catch(() => undefined);
  const missed = late();
  for (const { watcher } of watched) watcher.stop();
  await Promise.all(running);
  await Promise.all([...servers.map((server) => server.stop()), writer.close()]);
  for (const store of stores) await store.close();

  const checks = watched.map(({ watcher }) => watcher.check);
  const foreign = checks.flatMap(({ orders }) => orders.filter((orderId) => others.includes(orderId)));
  return {
    faults: [
      ...missed,
      ...foreign.map((orderId) => `${orderId} is another owner's`),
      ...checks.flatMap(({ faults }) => faults),
    ],
    watchers: checks.length,
    entries: checks.reduce((sum, { entries }) => sum + entries, 0),
    repeatsAfterReconnecting: checks.reduce((sum, each) => sum + each.repeatsAfterReconnecting, 0),
  };
}

const SETTINGS = { quietCheckMs: 300, heartbeatMs: 300 };

/** Redis dies and comes back; an api dies, and another one takes its place; Redis answers nothing for a while. */
async function disturb(
  redis: RedisServer,
  servers: FeedServer[],
  store: Store | undefined,
  durationMs: number,
): Promise<void> {
  await sleep(durationMs / 5);
  await redis.kill();
  await sleep(durationMs / 5);
  await redis.start();
  const [, dying] = servers;
  if (dying === undefined || store === undefined) throw new Error('expected two servers');
  servers.splice(1, 1);
  await dying.kill();
  await sleep(durationMs / 10);
  servers.push(await startFeedServer(store, redis.path, SETTINGS));
  redis.pause(true);
  await sleep(durationMs / 5);
  redis.pause(false);
}

function times<Made>(count: number, make: () => readonly Made[]): Made[] {
  return Array.from({ length: count }, make).flat();
}

function pick<Item>(items: readonly Item[], random: SeededRandom): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** Empty: it has all. */
function missing(watcher: Watcher, orderIds: readonly string[], entries: number): string[] {
  const late = orderIds.filter((orderId) => watcher.check.lastSeq(orderId) < entries);
  const [first] = late;
  if (first === undefined) return [];
  const { name, lastSeq } = { name: watcher.check.name, lastSeq: watcher.check.lastSeq(first) };
  return [`${name} misses ${late.length} orders, as ${first} after ${lastSeq}`];
}
