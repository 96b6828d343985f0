/** Posts orders and watches them. Each submission is repeated until it is acknowledged, whatever happens to the servers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelOrder, submitOrder, type OrderRequest } from '../../src/client/orders.ts';
import { eventually } from '../support/eventually.ts';
import { Watchers } from './watchers.ts';

export interface FlowOptions {
  /** The servers. The orders are spread over them. */
  readonly urls: readonly string[];
  /** The share of orders that are cancelled, at a random moment within `cancelWithinMs`. */
  readonly cancelShare: number;
  readonly cancelWithinMs: number;
  readonly random: () => number;
  /** The submission of the order with this number. */
  readonly order?: (index: number) => OrderRequest;
}

const POSTERS = 16;

/** Longer than any run: between its kills a server may live for less than the pauses of a client that repeats. */
const UNTIL_ANSWERED_MS = 3_600_000;

export class OrderFlow {
  readonly watchers: Watchers;
  readonly acknowledged = new Set<string>();
  readonly #options: FlowOptions;
  readonly #cancelling: Promise<void>[] = [];
  #next = 0;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.watchers = new Watchers(options.urls);
  }

  /** Orders that are acknowledged and have not ended, as far as the clients know. */
  get open(): number {
    return this.watchers.open(this.acknowledged);
  }

  /** Posts `count` orders and resolves when all are acknowledged. Flows on the same store need different `keys`. */
  async post(count: number, keys = 'key-'): Promise<void> {
    const last = this.#next + count;
    await this.#posters(async () => {
      while (this.#next < last) await this.#postOne(keys);
    });
  }

  /** Posts `count` orders, with at most `target` open at a time. */
  async postKeeping(count: number, target: number): Promise<void> {
    const last = this.#next + count;
    await this.#posters(async () => {
      while (this.#next < last) {
        if (this.open < target) await this.#postOne();
        else await sleep(20);
      }
    });
  }

  /** Posts whenever fewer than `target` are open, until `signal` aborts. */
  async keepOpen(target: number, signal: AbortSignal): Promise<void> {
    await this.#posters(async () => {
      while (!signal.aborted) {
        if (this.open < target) await this.#postOne();
        else await sleep(20);
      }
    });
  }

  /** Waits for all orders to end. @returns how many did not */
  async ended(withinMs: number): Promise<number> {
    await Promise.all(this.#cancelling);
    await eventually(
      () => this.open,
      (open) => open === 0,
      withinMs,
    ).catch(() => undefined);
    return this.open;
  }

  async #posters(work: () => Promise<void>): Promise<void> {
    await Promise.all(Array.from({ length: POSTERS }, work));
  }

  async #postOne(keys = 'key-'): Promise<void> {
    const index = this.#next++;
    const { urls, cancelShare, random, order = oneWeth } = this.#options;
    const url = urls[index % urls.length] ?? '';
    const { orderId } = await submitOrder(url, order(index), {
      idempotencyKey: `${keys}${index}`,
      retryForMs: UNTIL_ANSWERED_MS,
    });
    this.acknowledged.add(orderId);
    this.watchers.watch(orderId);
    if (random() < cancelShare) this.#cancelling.push(this.#cancelSoon(url, orderId));
  }

  /** Requested once. A crash may prevent the answer, and the order must end either way. */
  async #cancelSoon(url: string, orderId: string): Promise<void> {
    await sleep(this.#options.random() * this.#options.cancelWithinMs);
    await cancelOrder(url, orderId).catch(() => undefined);
  }
}

function oneWeth(index: number): OrderRequest {
  return {
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: String(10n ** 18n + BigInt(index)),
    clientOrderId: `n${index}`,
  };
}
