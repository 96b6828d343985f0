/**
 * Wake-ups over Bee-Queue, one queue a machine version. Heals by itself when Redis or a connection to it
 * fails (`reconnector.ts`), and can be opened before Redis answers.
 */
import type { Logger } from 'pino';
import { nameOfRedis } from '../settings/redis-address.ts';
import { checkRedisTls, type RedisTls } from '../settings/redis-tls.ts';
import type { Clock } from '../runtime/time.ts';
import { BeeConnection, type IdentifiedWakeUp } from './bee-connection.ts';
import { MicroBatcher, unanswered } from '../runtime/micro-batcher.ts';
import { Semaphore } from '../runtime/semaphore.ts';
import { withTimeout } from '../runtime/timeout.ts';
import type { WakeQueue, WakeUp } from './port.ts';
import { readQueueServer, type QueueServer } from './redis-connection.ts';
import { Reconnector } from './reconnector.ts';
import { ShardedWakeQueue } from './sharded-wake-queue.ts';

interface QueueOptions {
  readonly machineVersion: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface WakeQueueOptions extends QueueOptions {
  /** `redis://…`, `rediss://…` or the path of a unix socket; or a list of them, over which orders are sharded. */
  readonly address: string | readonly string[];
  readonly tls?: RedisTls;
}

/**
 * The same wake-up twice within this is one job. The job of a worker that died keeps its id; it
 * swallows wake-ups of the same order and version for no longer than this.
 */
const SAME_JOB_MS = 2_000;

const ANSWER_WITHIN_MS = 1_000;

/** @throws InvalidRedisAddress when an address names no single server; InvalidRedisTls */
export function openWakeQueue({ address, tls = {}, ...options }: WakeQueueOptions): WakeQueue {
  checkRedisTls(tls);
  const servers = [address].flat().map((text) => readQueueServer(text, tls));
  const queues = servers.map((server) => new BeeWakeQueue({ ...options, server }));
  const [only] = queues;
  return only !== undefined && queues.length === 1 ? only : new ShardedWakeQueue(queues);
}

interface BeeWakeQueueOptions extends QueueOptions {
  readonly server: QueueServer;
}

interface Consumer {
  readonly concurrency: number;
  readonly handle: (orderId: string) => Promise<void>;
}

class BeeWakeQueue implements WakeQueue {
  readonly #options: BeeWakeQueueOptions;
  readonly #reconnector: Reconnector;
  #consumer: Consumer | null = null;
  /** What is saved in one turn of the event loop goes to Redis together. */
  readonly #saves = new MicroBatcher<IdentifiedWakeUp, undefined>(
    unanswered((batch) => withTimeout(this.#deliver(batch), ANSWER_WITHIN_MS, 'saving wake-ups')),
  );

  constructor(options: BeeWakeQueueOptions) {
    this.#options = options;
    const { clock, log, server } = options;
    this.#reconnector = new Reconnector({
      begin: (onEnd) => this.#begin(onEnd),
      isConsuming: () => this.#consumer !== null,
      name: nameOfRedis(server.address),
      clock,
      log,
    });
  }

  async wake(wakeUps: readonly WakeUp[]): Promise<void> {
    if (wakeUps.length === 0) return;
    const bucket = Math.floor(this.#options.clock.now() / SAME_JOB_MS);
    await Promise.all(
      wakeUps.map((wakeUp) => this.#saves.add({ ...wakeUp, jobId: jobId(wakeUp, `${bucket}`), at: null })),
    );
  }

  async wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    const at = this.#options.clock.now() + Math.ceil(delayMs);
    // Never the id of one for now, which would be swallowed until this one's time.
    const bucket = `${Math.floor(at / SAME_JOB_MS)}:later`;
    await this.#saves.add({ ...wakeUp, jobId: jobId(wakeUp, bucket), at });
  }

  consume(concurrency: number, handle: (orderId: string) => Promise<void>): void {
    const { log } = this.#options;
    const semaphore = new Semaphore(concurrency);
    const handleOne = async (orderId: string): Promise<void> => {
      try {
        await semaphore.run(() => handle(orderId));
      } catch (error) {
        log.error({ err: error, orderId }, 'a wake-up failed; the sweeper will find the order');
      }
    };
    this.#consumer = { concurrency, handle: handleOne };
    this.#reconnector.current.consume(concurrency, handleOne);
  }

  async depth(): Promise<{ readonly waiting: number; readonly delayed: number } | null> {
    const connection = this.#reconnector.current;
    const answer = connection.ready.then(() => connection.depth());
    return withTimeout(answer, ANSWER_WITHIN_MS, "Redis' answer").catch(() => null);
  }

  async close(): Promise<void> {
    await this.#saves.close();
    await this.#reconnector.close();
  }

  /** Tries twice: flushed scripts and cut connections often show first in a save. Job ids make the repetition harmless. */
  async #deliver(batch: readonly IdentifiedWakeUp[]): Promise<void> {
    const first = this.#reconnector.current;
    try {
      await saveTo(first, batch);
    } catch (error) {
      this.#reconnector.replace(first, error);
      const second = this.#reconnector.current;
      if (second === first) throw error;
      await saveTo(second, batch);
    }
  }

  #begin(onEnd: (error: unknown) => void): BeeConnection {
    const { machineVersion, server } = this.#options;
    const connection = new BeeConnection({ name: `order-${machineVersion}`, server, onEnd });
    if (this.#consumer !== null) connection.consume(this.#consumer.concurrency, this.#consumer.handle);
    return connection;
  }
}

async function saveTo(connection: BeeConnection, batch: readonly IdentifiedWakeUp[]): Promise<void> {
  await connection.ready;
  await connection.save(batch);
}

/** Unique for an order, its version and a time. Redis may hold it for longer than the order has that version. */
function jobId({ orderId, version }: WakeUp, bucket: string): string {
  return `${orderId}:${version}:${bucket}`;
}
