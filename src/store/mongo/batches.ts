/**
 * Requests of one kind, sent together. One that finds a flight free goes at once; what comes while all flights are in the
 * air goes with the next of them, so that batches grow with the load by themselves and cost nothing without it.
 */

import { StoreUnavailable } from '../ports.ts';

/**
 * Answers in the order of the requests. A request that makes it throw spoils its batch, so that each is then sent alone and
 * the bad one fails alone; unless the store is away, which all are told.
 */
export type Send<Request, Answer> = (batch: readonly Request[]) => Promise<readonly Answer[]>;

/** Two keep the server busy while an answer is read. */
const MOST_FLIGHTS = 2;
/** Bounds how large one command gets, and how long those behind it wait. */
const MOST_REQUESTS_A_BATCH = 64;

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

export class Batches<Request, Answer> {
  readonly #send: Send<Request, Answer>;
  #waiting: Waiting<Request, Answer>[] = [];
  #flights = 0;
  #scheduled = false;

  constructor(send: Send<Request, Answer>) {
    this.#send = send;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  /** What is asked for in one turn of the event loop goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#flights >= MOST_FLIGHTS) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#fly(this.#waiting.splice(0, MOST_REQUESTS_A_BATCH));
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  async #fly(batch: readonly Waiting<Request, Answer>[]): Promise<void> {
    this.#flights += 1;
    try {
      const answers = await this.#send(batch.map(({ request }) => request));
      if (answers.length !== batch.length) {
        throw new Error(`${batch.length} requests got ${answers.length} answers, expected one each`);
      }
      answers.forEach((answer, index) => batch[index]?.resolve(answer));
    } catch (thrown) {
      if (batch.length > 1 && !(thrown instanceof StoreUnavailable)) {
        for (const each of batch) await this.#fly([each]);
      } else {
        for (const { reject } of batch) reject(thrown);
      }
    } finally {
      this.#flights -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
