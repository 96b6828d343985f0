/**
 * Wake-ups over Bee-Queue, one queue a machine version. Heals by itself: after a restart of Redis, a SCRIPT FLUSH or a cut
 * connection the present generation of the queue ends and another begins.
 */
import type { Logger } from 'pino';
import { sleep, type Clock } from '../time.ts';
import { BeeGeneration, type IdentifiedWakeUp } from './bee-generation.ts';
import type { WakeQueue, WakeUp } from './port.ts';

export interface WakeQueueOptions {
  /** `redis://…`, `rediss://…` or the path of a unix socket. */
  readonly address: string;
  readonly machineVersion: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/**
 * The same wake-up twice within this is one job. A job that nobody finishes (its worker died holding it) keeps its id, and
 * so swallows the wake-ups of its own order and version for no longer than this.
 */
const SAME_JOB_MS = 2_000;

const RENEW_AFTER_MS = 200;
const ANSWER_WITHIN_MS = 1_000;

export function openWakeQueue(options: WakeQueueOptions): WakeQueue {
  return new BeeWakeQueue(options);
}

interface Consumer {
  readonly concurrency: number;
  readonly take: (orderId: string) => Promise<void>;
}

class BeeWakeQueue implements WakeQueue {
  readonly #options: WakeQueueOptions;
  #generation: BeeGeneration;
  #consumer: Consumer | null = null;
  #closed = false;
  #isAway = false;
  #batch: IdentifiedWakeUp[] = [];
  #saving: Promise<void> | null = null;

  constructor(options: WakeQueueOptions) {
    this.#options = options;
    this.#generation = this.#begin();
  }

  async wake(wakeUps: readonly WakeUp[]): Promise<void> {
    const bucket = Math.floor(this.#options.clock.now() / SAME_JOB_MS);
    await this.#save(wakeUps.map((wakeUp) => ({ ...wakeUp, jobId: jobId(wakeUp, bucket), at: null })));
  }

  async wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    const at = this.#options.clock.now() + Math.ceil(delayMs);
    await this.#save([{ ...wakeUp, jobId: jobId(wakeUp, Math.floor(at / SAME_JOB_MS)), at }]);
  }

  consume(concurrency: number, take: (orderId: string) => Promise<void>): void {
    const { log } = this.#options;
    this.#consumer = {
      concurrency,
      take: async (orderId) => {
        try {
          await take(orderId);
        } catch (error) {
          log.error({ err: error, orderId }, 'a wake-up was of no use; the sweeper will find the order');
        }
      },
    };
    this.#generation.consume(this.#consumer.concurrency, this.#consumer.take);
  }

  async depth(): Promise<{ readonly waiting: number; readonly delayed: number } | null> {
    const generation = this.#generation;
    return inTime(generation.ready.then(() => generation.depth())).catch(() => null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#saving?.catch(() => undefined);
    await this.#generation.close();
  }

  /** What is saved in one turn of the event loop goes to Redis together. */
  #save(wakeUps: readonly IdentifiedWakeUp[]): Promise<void> {
    this.#batch.push(...wakeUps);
    this.#saving ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        const batch = this.#batch;
        this.#batch = [];
        this.#saving = null;
        const generation = this.#generation;
        inTime(generation.ready.then(() => generation.save(batch))).then(resolve, (error: unknown) => {
          this.#replace(generation, error);
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      });
    });
    return this.#saving;
  }

  #begin(): BeeGeneration {
    const generation: BeeGeneration = new BeeGeneration({
      name: `order-${this.#options.machineVersion}`,
      address: this.#options.address,
      onEnd: (error) => this.#replace(generation, error),
    });
    if (this.#consumer !== null) generation.consume(this.#consumer.concurrency, this.#consumer.take);
    generation.ready.then(
      () => this.#tell(false),
      () => undefined,
    );
    return generation;
  }

  #replace(ended: BeeGeneration, error: unknown): void {
    if (this.#closed || ended !== this.#generation) return;
    this.#tell(true, error);
    void ended.close();
    void sleep(RENEW_AFTER_MS).then(() => {
      if (!this.#closed && ended === this.#generation) this.#generation = this.#begin();
    });
  }

  /** Once a change, not once an attempt. */
  #tell(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isAway) return;
    this.#isAway = isAway;
    const { log } = this.#options;
    if (isAway)
      log.warn({ err: error }, 'the queue is away: orders go on through the sweeper until it is back');
    else log.info('the queue is back');
  }
}

/** Unique for an order, its version and a time: facts about Bee-Queue's ids are in the port. */
function jobId({ orderId, version }: WakeUp, bucket: number): string {
  return `${orderId}:${version}:${bucket}`;
}

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const giveUp = new AbortController();
  const late = sleep(ANSWER_WITHIN_MS, giveUp.signal).then(() => {
    throw new Error(`Redis did not answer within ${ANSWER_WITHIN_MS} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    giveUp.abort();
  }
}
