/** Posts the demo's orders, watches them, and keeps what their clients learn. */
import { randomUUID } from 'node:crypto';
import type { JournaledMessage } from '../protocol/messages.ts';
import { sleep, systemClock } from '../runtime/time.ts';
import type { WatchedOrders } from './evidence.ts';
import { FeedCheck } from '../client/feed-check.ts';
import type { DemoMarket } from './market.ts';
import { nextDemoOrder, type DemoTerms } from './order-mix.ts';
import { cancelOrder, submitOrder } from '../client/submit.ts';
import type { DemoFigures } from './summary.ts';
import { watchOrders, type OrderWatcher } from '../client/watch-orders.ts';

export interface DemoOrdersOptions {
  readonly url: string;
  readonly market: DemoMarket;
  readonly print: (message: JournaledMessage, terms: DemoTerms | undefined) => void;
}

interface Posted {
  readonly terms: DemoTerms;
  readonly at: number;
}

export class DemoOrders implements WatchedOrders {
  readonly #options: DemoOrdersOptions;
  readonly #check = new FeedCheck();
  readonly #accepted = new Map<string, Posted>();
  readonly #orderOfHash = new Map<string, string>();
  readonly #latenciesMs: number[] = [];
  readonly #failures: string[] = [];
  readonly #watcher: OrderWatcher;
  /** Refused, since this process or the server was too slow for their `validTo`. */
  #tooLate = 0;
  #retries = 0;
  #submitted = 0;

  constructor(options: DemoOrdersOptions) {
    this.#options = options;
    this.#watcher = watchOrders({
      url: options.url,
      lastSeq: (orderId) => this.#check.lastSeq(orderId),
      hasEnded: (orderId) => this.#check.hasEnded(orderId),
      onEntry: (message) => {
        this.#see(message);
        options.print(message, this.#accepted.get(message.orderId)?.terms);
      },
      onError: (text) => this.#failures.push(text),
    });
  }

  get submitted(): number {
    return this.#submitted;
  }

  async submitOne(): Promise<void> {
    this.#submitted += 1;
    const { url, market } = this.#options;
    const { body, cancelAfterMs, sentTwice } = nextDemoOrder(market, Math.random, systemClock.now());
    const key = randomUUID();
    const at = performance.now();
    try {
      const { orderId } = await submitOrder(url, key, body);
      this.#accepted.set(orderId, { terms: body, at });
      this.#watcher.watch(orderId);
      if (sentTwice && (await submitOrder(url, key, body)).orderId !== orderId) {
        this.#failures.push(`the key ${key} gave two orders`);
      }
      if (cancelAfterMs !== null) {
        await sleep(cancelAfterMs);
        await cancelOrder(url, orderId);
      }
    } catch (thrown) {
      const isTooLate = (body.validTo ?? Infinity) * 1_000 <= systemClock.now();
      if (isTooLate) this.#tooLate += 1;
      else this.#failures.push(String(thrown));
    }
  }

  /** Resolves when all have, or the time is over. @throws the signal's reason */
  async allEnded(withinMs: number, interrupted: AbortSignal): Promise<void> {
    const until = performance.now() + withinMs;
    while (this.#open() > 0 && performance.now() < until) await sleep(20, interrupted);
  }

  close(): void {
    this.#watcher.close();
  }

  endedAs(orderId: string): string | undefined {
    return this.#check.endedAs(orderId);
  }

  confirmed(): readonly string[] {
    return [...this.#accepted.keys()].filter((orderId) => this.endedAs(orderId) === 'confirmed');
  }

  orderOf(hash: string): string | undefined {
    return this.#orderOfHash.get(hash);
  }

  isOurs(orderId: string): boolean {
    return this.#accepted.has(orderId);
  }

  figures(): DemoFigures {
    return {
      accepted: this.#accepted.size,
      tooLate: this.#tooLate,
      open: this.#open(),
      endings: this.#check.endings(),
      entries: this.#check.entries,
      retries: this.#retries,
      latenciesMs: this.#latenciesMs,
      faults: [...this.#check.faults, ...this.#failures],
    };
  }

  #open(): number {
    const pendingPosts = this.#submitted - this.#tooLate - this.#accepted.size - this.#failures.length;
    return (
      pendingPosts + [...this.#accepted.keys()].filter((orderId) => !this.#check.hasEnded(orderId)).length
    );
  }

  #see(message: JournaledMessage): void {
    this.#check.see(message);
    if (message.type === 'retry') this.#retries += 1;
    if (message.type === 'submitted' && message.transaction !== undefined) {
      this.#orderOfHash.set(message.transaction.hash, message.orderId);
    }
    if (message.type !== 'confirmed') return;
    this.#orderOfHash.set(message.transactionHash, message.orderId);
    const posted = this.#accepted.get(message.orderId);
    if (posted !== undefined) this.#latenciesMs.push(performance.now() - posted.at);
  }
}
