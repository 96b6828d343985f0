/** One feed server for each test of the orders of an owner, and its watchers of both transports. */
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { JournaledMessage, Message } from '../../../src/protocol/messages.ts';
import { eventually } from '../../support/eventually.ts';
import { RedisServer } from '../../support/redis/redis-server.ts';
import { connectSocketIo, range } from '../clients.ts';
import { readEvents, type EventClient } from '../event-stream.ts';
import { startFeedServer, type FeedServer } from '../feed-server.ts';
import { MemoryJournal } from '../memory-journal.ts';

/** A client of one of both transports, as far as both are alike. */
export interface Watcher {
  readonly entries: () => JournaledMessage[];
  readonly scoped: () => readonly { readonly type: string; readonly token: string }[];
  readonly messages: () => readonly Message[];
  readonly close: () => void;
}

type Filter = Readonly<Record<string, string | string[]>>;
type Watch = (filter?: Filter, token?: string) => Promise<Watcher>;

export interface OwnerFeedSuite {
  readonly server: FeedServer;
  readonly store: MemoryJournal;
  readonly redisPath: string;
  start(settings?: Parameters<typeof startFeedServer>[2]): Promise<void>;
  eventsUrl(query?: string): string;
  /** Commits the entry, and announces it as one of the owner's. */
  announce(message: JournaledMessage): void;
  readonly bySocketIo: Watch;
  readonly byEvents: Watch;
}

export const isEntry = (message: Message): message is JournaledMessage => 'seq' in message;

/** To be called once by a suite: registers its hooks. */
export function ownerFeedSuite(): OwnerFeedSuite {
  const redis = new RedisServer();
  let server: FeedServer | null = null;
  let store = new MemoryJournal();
  beforeAll(() => redis.start());
  afterAll(() => redis.remove());
  afterEach(() => server?.stop());

  const feed: OwnerFeedSuite = {
    get server() {
      if (server === null) throw new Error('no server: expected start() before');
      return server;
    },
    get store() {
      return store;
    },
    get redisPath() {
      return redis.path;
    },
    async start(settings = {}) {
      store = new MemoryJournal();
      server = await startFeedServer(store, redis.path, settings);
    },
    eventsUrl: (query = '') => `http://127.0.0.1:${feed.server.port}/api/orders/events${query}`,
    announce: (message) => feed.server.notifications.announce(store.commit(message), 'local'),
    async bySocketIo(filter = {}, token) {
      const client = connectSocketIo(feed.server.port);
      const answer = await client.subscribe({
        scope: 'orders',
        filter,
        ...(token === undefined ? {} : { token }),
      });
      expect(answer).toMatchObject({ ok: true, scope: 'orders' });
      return {
        entries: () => client.messages.filter(isEntry),
        scoped: () => client.scoped,
        messages: () => client.messages,
        close: () => void client.socket.disconnect(),
      };
    },
    async byEvents(filter = {}, token) {
      const query = new URLSearchParams(token === undefined ? {} : { token });
      for (const [name, value] of Object.entries(filter)) query.set(name, [value].flat().join(','));
      return watcherOf(await readEvents(feed.eventsUrl(`?${query.toString()}`)));
    },
  };
  return feed;
}

export function watcherOf(stream: EventClient): Watcher {
  return {
    entries: () => stream.messages().filter(isEntry),
    scoped: stream.scoped,
    messages: stream.messages,
    close: stream.close,
  };
}

/** Waits for that many entries, and then that each order's are in order from its first, without a gap. */
export async function expectEntries(watcher: Watcher, count: number): Promise<readonly JournaledMessage[]> {
  const entries = await eventually(watcher.entries, ({ length }) => length >= count);
  expect(entries).toHaveLength(count);
  for (const orderId of new Set(entries.map((each) => each.orderId))) {
    const seqs = entries.filter((each) => each.orderId === orderId).map(({ seq }) => seq);
    expect(seqs).toEqual(range(seqs[0] ?? 0, (seqs[0] ?? 0) + seqs.length - 1));
  }
  return entries;
}
