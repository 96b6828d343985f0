import { FeedCheck } from '../../src/client/feed-check.ts';
import { watchOrders, type OrderWatcher } from '../../src/client/watch-orders.ts';

const CONNECTIONS = 4;

/** Plain clients that watch many orders over a few connections and hold each feed against 1..n. */
export class Watchers {
  readonly #check = new FeedCheck();
  readonly #errors: string[] = [];
  readonly #connections: readonly OrderWatcher[];
  #next = 0;

  constructor(urls: readonly string[]) {
    this.#connections = Array.from({ length: CONNECTIONS }, (_, index) =>
      watchOrders({
        url: urls[index % urls.length] ?? '',
        lastSeq: (orderId) => this.#check.lastSeq(orderId),
        hasEnded: (orderId) => this.#check.hasEnded(orderId),
        onEntry: (message) => this.#check.see(message),
        onError: (text) => {
          // A server that stops says so; the client comes back by itself.
          if (!text.startsWith('shutting_down')) this.#errors.push(text);
        },
      }),
    );
  }

  watch(orderId: string): void {
    this.#connections[this.#next++ % CONNECTIONS]?.watch(orderId);
  }

  open(orderIds: ReadonlySet<string>): number {
    return [...orderIds].filter((orderId) => !this.#check.hasEnded(orderId)).length;
  }

  get entries(): number {
    return this.#check.entries;
  }

  faults(): readonly string[] {
    return [...this.#check.faults, ...this.#errors];
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
