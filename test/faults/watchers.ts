import { FeedCheck } from '../../src/client/feed-check.ts';
import { watchOrders, type OrderWatcher } from '../../src/client/watch-orders.ts';

const CONNECTIONS = 4;

/** Watches many orders over a few connections, and checks that each feed is 1..n. */
export class Watchers {
  readonly #check = new FeedCheck();
  readonly #errors: string[] = [];
  readonly #connections: readonly OrderWatcher[];
  #next = 0;

  constructor(urls: readonly string[]) {
    this.#connections = Array.from({ length: CONNECTIONS }, (_, index) =>
      watchOrders({
        url: urls[index % urls.length] ?? '',
        onEntry: (message) => this.#check.add(message),
        onError: ({ code, message }) => {
          // A server that stops sends this. The client reconnects by itself.
          if (code !== 'shutting_down') this.#errors.push(`${code}: ${message}`);
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
