/** What the suites of the queue share: a queue on a real server, and what it delivered. */
import { openWakeQueue } from '../../src/queue/bee-wake-queue.ts';
import type { WakeQueue } from '../../src/queue/port.ts';
import { systemClock, type Clock } from '../../src/runtime/time.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { soon } from '../support/soon.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export class QueueOnRedis {
  readonly redis = new RedisServer();
  readonly delivered: string[] = [];
  readonly #queues: WakeQueue[] = [];
  readonly #unhandled: unknown[] = [];
  readonly #noteUnhandled = (reason: unknown): void => void this.#unhandled.push(reason);

  constructor() {
    process.on('unhandledRejection', this.#noteUnhandled);
  }

  open(clock: Clock = systemClock, machineVersion = 1): WakeQueue {
    const queue = openWakeQueue({ address: this.redis.path, machineVersion, clock, log: silent });
    this.#queues.push(queue);
    return queue;
  }

  /** A queue that notes what it delivers. */
  openConsuming(clock?: Clock): WakeQueue {
    const queue = this.open(clock);
    queue.consume(8, (orderId) => {
      this.delivered.push(orderId);
      return Promise.resolve();
    });
    return queue;
  }

  async hasDelivered(...orderIds: string[]): Promise<void> {
    await eventually(
      () => orderIds.filter((orderId) => !this.delivered.includes(orderId)),
      (missing) => missing.length === 0,
    );
  }

  /** @throws AggregateError when a promise was rejected that was not awaited */
  async end(): Promise<void> {
    await Promise.allSettled(this.#queues.map((queue) => soon('the close of a queue', queue.close())));
    await this.redis.remove();
    process.off('unhandledRejection', this.#noteUnhandled);
    if (this.#unhandled.length > 0) throw new AggregateError(this.#unhandled, 'rejected unheard');
  }
}

/** Asks for a wake-up, of another version each time, until one is accepted. */
export async function wakeOnceItCan(queue: WakeQueue, orderId: string): Promise<void> {
  let version = 0;
  await eventually(
    () =>
      queue.wake([{ orderId, version: (version += 1) }]).then(
        () => true,
        () => false,
      ),
    (accepted) => accepted,
  );
}
