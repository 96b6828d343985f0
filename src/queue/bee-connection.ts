/**
 * A Bee-Queue queue with its connections to Redis. Bee-Queue does not survive the loss of its Redis: it never reloads its scripts,
 * its blocking pop waits longer and longer, and a `process` that could not begin never begins. So nothing is repaired here: the
 * first error ends this object, and `reconnector.ts` opens another.
 */
import BeeQueue from 'bee-queue';
import type { RedisClient } from 'redis';
import { withTimeout } from '../runtime/timeout.ts';
import type { WakeUp } from './port.ts';
import { connectRedis, type QueueServer } from './redis-connection.ts';

export interface BeeConnectionOptions {
  readonly name: string;
  readonly server: QueueServer;
  readonly onEnd: (error: unknown) => void;
}

/** A wake-up with the id of its job, and when it is to be delivered (Unix milliseconds), if later than now. */
export interface IdentifiedWakeUp extends WakeUp {
  readonly jobId: string;
  readonly at: number | null;
}

/** How often Bee-Queue looks for jobs whose worker died. The sweeper has found their orders long before; this removes the jobs. */
const STALL_MS = 30_000;
/** How long closing waits for wake-ups that are being handled. */
const DRAIN_WITHIN_MS = 500;
const CLOSE_WITHIN_MS = 800;

export class BeeConnection {
  readonly #queue: BeeQueue<null>;
  readonly #connections: RedisClient[] = [];
  readonly ready: Promise<void>;
  #isReady = false;
  #isEnded = false;
  #delivered = 0;
  #active = 0;

  constructor({ name, server, onEnd }: BeeConnectionOptions) {
    const end = (error: unknown): void => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      onEnd(error);
    };
    this.#queue = new BeeQueue<null>(name, {
      prefix: 'fillstream',
      redis: connectRedis(server, this.#connections, end),
      quitCommandClient: true,
      activateDelayedJobs: true,
      delayedDebounce: 1,
      getEvents: false,
      sendEvents: false,
      storeJobs: false,
      removeOnSuccess: true,
      removeOnFailure: true,
      stallInterval: STALL_MS,
    });
    this.#queue.on('error', end);
    this.ready = this.#queue.ready().then(
      () => {
        this.#isReady = true;
      },
      (error: unknown) => {
        end(error);
        throw error;
      },
    );
    // `onEnd` has the error; a rejection without a handler would end the process.
    this.ready.catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Wake-ups that were delivered so far. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Wake-ups that are being handled. */
  get active(): number {
    return this.#active;
  }

  consume(concurrency: number, handle: (orderId: string) => Promise<void>): void {
    const start = (): void => {
      if (this.#isEnded) return;
      this.#queue.process(concurrency, async (job) => {
        this.#delivered += 1;
        this.#active += 1;
        await handle(orderIdOf(job.id)).finally(() => (this.#active -= 1));
      });
      this.#queue.checkStalledJobs(STALL_MS).catch(() => undefined);
    };
    this.ready.then(start, () => undefined);
  }

  /** @throws Error when any of them was not saved */
  async save(wakeUps: readonly IdentifiedWakeUp[]): Promise<void> {
    const jobs = wakeUps.map(({ jobId, at }) => {
      const job = this.#queue.createJob(null).setId(jobId);
      return at === null ? job : job.delayUntil(at);
    });
    const failures = await this.#queue.saveAll(jobs);
    for (const [, error] of failures) throw error;
  }

  async depth(): Promise<{ readonly waiting: number; readonly delayed: number }> {
    const { waiting, delayed } = await this.#queue.checkHealth();
    return { waiting, delayed };
  }

  /** Does not call `onEnd`. Bounded in time, and leaves no connection open, whatever Redis does. */
  async close(): Promise<void> {
    this.#isEnded = true;
    await withTimeout(this.#queue.close(DRAIN_WITHIN_MS), CLOSE_WITHIN_MS, 'closing the queue').catch(
      () => undefined,
    );
    // Bee-Queue closes with QUIT, which a Redis that hangs does not answer.
    for (const connection of this.#connections) connection.end(true);
  }
}

/** A job's id begins with its order's: it needs no data. */
function orderIdOf(jobId: string): string {
  return jobId.split(':', 1)[0] ?? jobId;
}
