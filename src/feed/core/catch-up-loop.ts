/**
 * Repeats reads of the journal until a subscription has caught up with what is live. One loop at a time for each: two would send the same
 * entries twice.
 */
import { sleep, type Clock } from '../../runtime/time.ts';

const REPEAT_READ_MS = 100;

export interface CatchingUp {
  /** Resolves once the connection is not overfull. False: it is closed. */
  whenDrained(): Promise<boolean>;
  isBehind(): boolean;
  /** Goes live where nothing is left, in the same tick in which that is so. @returns false: something is left */
  tryJoin(): boolean;
  /** @returns false: nothing moved */
  advance(): Promise<boolean>;
  /** Reads have failed for too long. */
  fail(thrown: unknown): void;
}

export class CatchUpLoop {
  readonly #subscription: CatchingUp;
  readonly #clock: Clock;
  readonly #patienceMs: number;
  #isRunning = false;

  /** @param patienceMs how long failed reads are repeated */
  constructor(subscription: CatchingUp, clock: Clock, patienceMs: number) {
    this.#subscription = subscription;
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /** A subscription that falls behind at once after it went live still has its loop, which goes on. */
  async run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      let failingSince: number | null = null;
      while ((await this.#subscription.whenDrained()) && this.#subscription.isBehind()) {
        if (this.#subscription.tryJoin()) return;
        try {
          if (await this.#subscription.advance()) {
            failingSince = null;
            continue;
          }
        } catch (thrown) {
          const now = this.#clock.now();
          failingSince ??= now;
          if (now - failingSince >= this.#patienceMs) {
            this.#subscription.fail(thrown);
            return;
          }
        }
        // The store is unavailable for a moment, or this read lags behind what the room knows.
        await sleep(REPEAT_READ_MS);
      }
    } finally {
      // In the same tick in which the loop ends: a subscription that falls behind later starts another.
      this.#isRunning = false;
    }
  }
}
