/** Grows the journals of orders in a store, and announces each entry, as workers do. */
import { pino } from 'pino';
import { statusOf, isFinal } from '../../../machines/order/state.ts';
import { openRedisClients } from '../../../src/redis/redis-clients.ts';
import { startNotifications } from '../../../src/feed/start-feed.ts';
import type { JournaledMessage } from '../../../src/protocol/messages.ts';
import { sleep } from '../../../src/runtime/time.ts';
import { StoreUnavailable, type Store, type StoredOrder } from '../../../src/store/ports.ts';
import { aCommit, aNewOrder, anEntry, aState } from '../../contracts/order-store/order-store-samples.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { entry, lastEntry } from '../entries.ts';

export class JournalWriter {
  readonly #store: Store;
  readonly #redis: ReturnType<typeof openRedisClients>;
  readonly #notifications: ReturnType<typeof startNotifications>;

  constructor(store: Store, redisAddress: string) {
    const log = pino({ level: 'silent' });
    this.#store = store;
    this.#redis = openRedisClients(redisAddress, log);
    this.#notifications = startNotifications({ redis: this.#redis, log });
  }

  /** Commits entries 1 to `entries`, at moments that are drawn; a tenth is not announced, and some without their owner. */
  async write(
    orderId: string,
    {
      owner,
      entries,
      durationMs,
      random,
    }: {
      readonly owner: string;
      readonly entries: number;
      readonly durationMs: number;
      readonly random: SeededRandom;
    },
  ): Promise<void> {
    const first = { ...entry(orderId, 1), sellToken: 'WETH', buyToken: 'USDC' };
    await patiently(() =>
      this.#store.orders.create(
        aNewOrder({ orderId, owner, entry: anEntry(orderId, 1, { state: 'pending', message: first }) }),
      ),
    );
    let order: Pick<StoredOrder, 'orderId' | 'version' | 'lastSeq'> = { orderId, version: 1, lastSeq: 1 };
    for (let seq = 2; seq <= entries; seq++) {
      await sleep((random() * 2 * durationMs) / entries);
      const message = seq === entries ? lastEntry(orderId, seq) : entry(orderId, seq);
      const commit = commitOf(order, message);
      const { outcome } = await patiently(() => this.#store.orders.commit(commit));
      if (outcome !== 'committed') throw new Error(`order ${orderId}, seq ${seq}: ${outcome}`);
      order = { orderId, version: order.version + 1, lastSeq: seq };
      const fate = random();
      if (fate < 0.8) this.#notifications.notifications.announce(message, owner);
      else if (fate < 0.9) this.#notifications.notifications.announce(message);
    }
  }

  async close(): Promise<void> {
    this.#notifications.close();
    await this.#redis.close();
  }
}

function commitOf(order: Pick<StoredOrder, 'orderId' | 'version' | 'lastSeq'>, message: JournaledMessage) {
  const { orderId, seq, state } = message;
  const status = statusOf(state);
  return aCommit(order, {
    status,
    entries: [anEntry(orderId, seq, { state, message })],
    ...(isFinal(status) ? { state: aState({}, { value: status, status: 'done' as const }) } : {}),
  });
}

async function patiently<Answer>(act: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await act();
    } catch (thrown) {
      if (!(thrown instanceof StoreUnavailable)) throw thrown;
      await sleep(50);
    }
  }
}
