/**
 * One life of a Bee-Queue queue. Bee-Queue does not survive the loss of its Redis: its scripts are gone for good, its
 * blocking pop waits longer and longer, and `process` that could not begin never begins. So nothing is repaired here: the
 * first error ends the generation, and `bee-wake-queue.ts` begins another.
 */
import BeeQueue from 'bee-queue';
import type { WakeUp } from './port.ts';

export interface GenerationOptions {
  readonly name: string;
  /** `redis://…`, `rediss://…` or the path of a unix socket. */
  readonly address: string;
  readonly onEnd: (error: unknown) => void;
}

/** A wake-up with the id of its job, and when it is to be delivered (Unix milliseconds), if later than now. */
export interface IdentifiedWakeUp extends WakeUp {
  readonly jobId: string;
  readonly at: number | null;
}

/** Bee-Queue checks for jobs whose worker died; the sweeper has found their orders long before. This only tidies up. */
const STALL_MS = 30_000;
const CLOSE_WITHIN_MS = 1_000;

export class BeeGeneration {
  readonly #queue: BeeQueue<null>;
  readonly ready: Promise<void>;
  #ended = false;

  constructor({ name, address, onEnd }: GenerationOptions) {
    // Strings that redis@3 gives up on are the point: `retry_strategy` without a number ends the client at its first error.
    const redis = address.startsWith('/') ? { path: address } : { url: address };
    this.#queue = new BeeQueue<null>(name, {
      prefix: 'fillstream',
      redis: { ...redis, retry_strategy: () => new Error('the connection to Redis ended') },
      activateDelayedJobs: true,
      delayedDebounce: 1,
      getEvents: false,
      sendEvents: false,
      storeJobs: false,
      removeOnSuccess: true,
      removeOnFailure: true,
      stallInterval: STALL_MS,
    });
    const end = (error: unknown): void => {
      if (this.#ended) return;
      this.#ended = true;
      onEnd(error);
    };
    this.#queue.on('error', end);
    this.ready = this.#queue.ready().then(
      () => undefined,
      (error: unknown) => {
        end(error);
        throw error;
      },
    );
    // Whoever waits for it hears of it; nobody has to.
    this.ready.catch(() => undefined);
  }

  consume(concurrency: number, take: (orderId: string) => Promise<void>): void {
    const start = (): void => {
      if (this.#ended) return;
      this.#queue.process(concurrency, (job) => take(orderIdOf(job.id)));
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

  /** Ends it without a word to `onEnd`. Bounded in time. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#queue.on('error', () => undefined);
    await this.#queue.close(CLOSE_WITHIN_MS).catch(() => undefined);
  }
}

/** A job's id begins with its order's: it needs no data. */
function orderIdOf(jobId: string): string {
  return jobId.split(':', 1)[0] ?? jobId;
}
