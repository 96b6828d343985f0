import { FeedCheck } from '../../src/client/feed-check.ts';
import { FillstreamClient } from '../../src/client/index.ts';

const TRANSPORTS = ['socket.io', 'sse', 'websocket', 'socket.io'] as const;

/** Watches many orders over every transport, and checks that each feed is 1..n. */
export class Watchers {
  readonly #check = new FeedCheck();
  readonly #errors: string[] = [];
  readonly #clients: readonly FillstreamClient[];
  readonly #ends = new AbortController();
  #next = 0;

  /** @param urls of the servers; each client prefers one of them, and goes to the others when it stops */
  constructor(urls: readonly string[]) {
    this.#clients = TRANSPORTS.map((transport, index) => {
      const first = index % urls.length;
      return new FillstreamClient({ url: [...urls.slice(first), ...urls.slice(0, first)], transport });
    });
  }

  watch(orderId: string): void {
    const client = this.#clients[this.#next++ % this.#clients.length];
    const { signal } = this.#ends;
    client
      ?.watch(orderId, { signal })
      .each((entry) => this.#check.add(entry))
      .catch((error: unknown) => {
        if (!signal.aborted) this.#errors.push(String(error));
      });
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
    this.#ends.abort();
  }
}
