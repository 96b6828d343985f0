/** What one watcher received, over all of its connections, and what was wrong with it. */
import { messageSchema, ordersMessageSchema } from '../../../src/protocol/messages.ts';

export class StreamCheck {
  readonly faults: string[] = [];
  /** Entries that came again on a later connection, as a token that is behind allows. */
  repeatsAfterReconnecting = 0;
  entries = 0;
  token: string | undefined;
  readonly name: string;
  readonly #reached = new Map<string, number>();
  /** By order, on this connection. */
  #onConnection = new Map<string, number>();
  readonly #mayRepeat: boolean;

  /** @param mayRepeat on a new connection entries may come again */
  constructor(name: string, mayRepeat: boolean) {
    this.name = name;
    this.#mayRepeat = mayRepeat;
  }

  lastSeq(orderId: string): number {
    return this.#reached.get(orderId) ?? 0;
  }

  connects(): void {
    this.#onConnection = new Map();
  }

  /** @returns the message's type */
  take(text: string): string {
    const json: unknown = JSON.parse(text);
    const scoped = ordersMessageSchema.safeParse(json);
    if (scoped.success) {
      this.token = scoped.data.token;
      if (scoped.data.type === 'resync') this.#fault(`resync: ${scoped.data.code}`);
      return scoped.data.type;
    }
    const message = messageSchema.parse(json);
    if (message.type === 'error' && message.scope === 'orders') this.token = message.token ?? this.token;
    if ('seq' in message) this.#takeEntry(message);
    return message.type;
  }

  #takeEntry({ orderId, seq }: { readonly orderId: string; readonly seq: number }): void {
    this.entries += 1;
    const reached = this.lastSeq(orderId);
    const before = this.#onConnection.get(orderId);
    if (before !== undefined && seq !== before + 1) this.#fault(`${orderId}: ${seq} after ${before}`);
    if (before === undefined && seq > reached + 1) this.#fault(`${orderId}: ${seq} first, ${reached} known`);
    if (seq <= reached) {
      if (before !== undefined && before >= reached) this.#fault(`${orderId}: ${seq} again`);
      if (!this.#mayRepeat) this.#fault(`${orderId}: ${seq} again, ${reached} known`);
      this.repeatsAfterReconnecting += 1;
    }
    this.#onConnection.set(orderId, seq);
    this.#reached.set(orderId, Math.max(seq, reached));
  }

  #fault(what: string): void {
    this.faults.push(`${this.name}: ${what}`);
  }

  get orders(): readonly string[] {
    return [...this.#reached.keys()];
  }
}
