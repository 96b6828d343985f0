/** Posts the demo's orders, watches them, and counts what arrives. */
import { randomUUID } from 'node:crypto';
import type { JournaledMessage } from '../protocol/messages.ts';
import { sleep, systemClock } from '../runtime/time.ts';
import type { WatchedOrders } from './audit.ts';
import { FeedCheck } from '../client/feed-check.ts';
import type { DemoMarket } from './market.ts';
import { nextDemoOrder, type DemoTerms } from './order-mix.ts';
import { FillstreamClient } from '../client/fillstream-client.ts';
import type { DemoFigures } from './summary.ts';

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
  readonly #client: FillstreamClient;
  readonly #closing = new AbortController();
  /** Refused, because their `validTo` had passed when they arrived. */
  #tooLate = 0;
  #retries = 0;
  #submitted = 0;

  constructor(options: DemoOrdersOptions) {
    this.#options = options;
    // One connection for all orders, as a page would have.
    this.#client = new FillstreamClient({ url: options.url, transport: 'socket.io', retryForMs: 120_000 });
  }

  get submitted(): number {
    return this.#submitted;
  }

  async submitOne(): Promise<void> {
    this.#submitted += 1;
    const { market } = this.#options;
    const { body, cancelAfterMs, sentTwice } = nextDemoOrder(market, Math.random, systemClock.now());
    const key = randomUUID();
    const at = performance.now();
    try {
      const { orderId } = await this.#client.submit(body, { idempotencyKey: key });
      this.#accepted.set(orderId, { terms: body, at });
      void this.#watch(orderId);
      if (sentTwice && (await this.#client.submit(body, { idempotencyKey: key })).created) {
        this.#failures.push(`the key ${key} made two orders`);
      }
      if (cancelAfterMs !== null) {
        await sleep(cancelAfterMs);
        // A refused or lost cancellation is not a fault: the order ends without it.
        await this.#client.cancel(orderId, { retryForMs: 0 }).catch(() => undefined);
      }
    } catch (thrown) {
      const isTooLate = (body.validTo ?? Infinity) * 1_000 <= systemClock.now();
      if (isTooLate) this.#tooLate += 1;
      else this.#failures.push(String(thrown));
    }
  }

  /** Resolves when all orders have ended, or after `withinMs`. @throws the signal's reason */
  async allEnded(withinMs: number, interrupted: AbortSignal): Promise<void> {
    const until = performance.now() + withinMs;
    while (this.#open() > 0 && performance.now() < until) await sleep(20, interrupted);
  }

  close(): void {
    this.#closing.abort();
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

  has(orderId: string): boolean {
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

  async #watch(orderId: string): Promise<void> {
    const { signal } = this.#closing;
    try {
      await this.#client.watch(orderId, { signal }).each((message) => {
        this.#record(message);
        this.#options.print(message, this.#accepted.get(orderId)?.terms);
      });
    } catch (thrown) {
      if (!signal.aborted) this.#failures.push(`order ${orderId}: ${String(thrown)}`);
    }
  }

  #open(): number {
    const pendingPosts = this.#submitted - this.#tooLate - this.#accepted.size - this.#failures.length;
    return (
      pendingPosts + [...this.#accepted.keys()].filter((orderId) => !this.#check.hasEnded(orderId)).length
    );
  }

  #record(message: JournaledMessage): void {
    this.#check.add(message);
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
