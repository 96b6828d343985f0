/**
 * Items that are sent together. What is added in one turn of the event loop forms one batch; what comes while all flights are in
 * the air forms the next. Batches grow with the load by themselves, and cost nothing without it.
 */

/** Gives an answer to each item, in their order. */
export type Send<Item, Answer> = (batch: readonly Item[], key: string) => Promise<readonly Answer[]>;

export interface MicroBatcherOptions<Item> {
  /** Items in one batch. Unbounded where it is left out. */
  readonly maxBatch?: number;
  /** Batches that are sent at a time, for each key. Unbounded where it is left out; 1 sends one after the other. */
  readonly maxInFlight?: number;
  /** Items of different keys never share a batch, and do not wait for each other. One key for all where it is left out. */
  readonly keyOf?: (item: Item) => string;
  /**
   * Whether the items of a failed batch are each sent again, alone and in order, so that only the bad one fails. Where it is left
   * out, all of them fail.
   */
  readonly retriesAlone?: (thrown: unknown) => boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

interface Queue<Item, Answer> {
  readonly key: string;
  readonly waiting: Waiting<Item, Answer>[];
  inFlight: number;
}

export class MicroBatcher<Item, Answer> {
  readonly #send: Send<Item, Answer>;
  readonly #maxBatch: number;
  readonly #maxInFlight: number;
  readonly #keyOf: (item: Item) => string;
  readonly #retriesAlone: (thrown: unknown) => boolean;
  /** By key; a queue that is idle is dropped. */
  readonly #queues = new Map<string, Queue<Item, Answer>>();
  #scheduled: NodeJS.Immediate | null = null;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];

  constructor(send: Send<Item, Answer>, options: MicroBatcherOptions<Item> = {}) {
    this.#send = send;
    this.#maxBatch = options.maxBatch ?? Number.POSITIVE_INFINITY;
    this.#maxInFlight = options.maxInFlight ?? Number.POSITIVE_INFINITY;
    this.#keyOf = options.keyOf ?? (() => '');
    this.#retriesAlone = options.retriesAlone ?? (() => false);
  }

  add(item: Item): Promise<Answer> {
    if (this.#isClosed) return Promise.reject(new Error('the batcher was closed before this item was added'));
    return new Promise((resolve, reject) => {
      const queue = this.#queueOf(this.#keyOf(item));
      queue.waiting.push({ item, resolve, reject });
      if (queue.inFlight < this.#maxInFlight) this.#schedule();
    });
  }

  /** Sends at once what waits, as far as `maxInFlight` allows. */
  flush(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    for (const queue of this.#queues.values()) {
      while (queue.waiting.length > 0 && queue.inFlight < this.#maxInFlight) void this.#fly(queue);
    }
  }

  /** Sends what waits, and resolves when all of it was answered. Later items are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.flush();
    if (this.#queues.size > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #queueOf(key: string): Queue<Item, Answer> {
    const found = this.#queues.get(key);
    if (found !== undefined) return found;
    const queue: Queue<Item, Answer> = { key, waiting: [], inFlight: 0 };
    this.#queues.set(key, queue);
    return queue;
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => this.flush());
  }

  async #fly(queue: Queue<Item, Answer>): Promise<void> {
    const batch = queue.waiting.splice(0, this.#maxBatch);
    queue.inFlight += 1;
    await this.#deliver(batch, queue.key);
    queue.inFlight -= 1;
    if (queue.waiting.length > 0) this.#schedule();
    else if (queue.inFlight === 0) this.#drop(queue);
  }

  /** Never rejects: each item of the batch is answered or rejected. */
  async #deliver(batch: readonly Waiting<Item, Answer>[], key: string): Promise<void> {
    try {
      const answers = await this.#send(
        batch.map(({ item }) => item),
        key,
      );
      if (answers.length !== batch.length) {
        throw new Error(`${batch.length} items got ${answers.length} answers, expected one each`);
      }
      answers.forEach((answer, index) => batch[index]?.resolve(answer));
    } catch (thrown) {
      if (batch.length > 1 && this.#retriesAlone(thrown)) {
        for (const each of batch) await this.#deliver([each], key);
      } else {
        for (const { reject } of batch) reject(thrown);
      }
    }
  }

  #drop({ key }: Queue<Item, Answer>): void {
    this.#queues.delete(key);
    if (this.#queues.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

/** For batches that are only sent: each item is answered once its batch was. */
export function unanswered<Item>(
  send: (batch: readonly Item[]) => Promise<void> | void,
): Send<Item, undefined> {
  return async (batch) => {
    await send(batch);
    return batch.map(() => undefined);
  };
}
