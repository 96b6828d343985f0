/**
 * Journals in memory, as the feed reads them, with outages and slowness on demand. It is written without waiting, which no store
 * allows. Of the order store it has `load` alone; the journal runs the contract (memory-journal.test.ts).
 */
import { isFinal, statusOf } from '../../machines/order/state.ts';
import type { Changes } from '../../src/store/changes.ts';
import type { JournalEntry } from '../../src/journal/entry.ts';
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import { StoreUnavailable, type Journal, type OrderStore, type StoredOrder } from '../../src/store/ports.ts';
import { sleep } from '../../src/runtime/time.ts';
import { seededRandom } from '../support/seeded-random.ts';

export class MemoryJournal {
  /** Every call rejects while it is true. */
  away = false;
  /** Each call takes up to this long. */
  lagMs = 0;
  queries = 0;
  /** More entries than this after a token are too many. */
  mostEntries = 10_000;
  readonly #log: { readonly orderId: string; readonly seq: number }[] = [];
  readonly #journals = new Map<string, JournalEntry[]>();
  readonly #terms = new Map<string, object>();
  readonly #random = seededRandom('how long the journal in memory takes');

  readonly orders: Pick<OrderStore, 'load'> = {
    load: (orderId) => this.#answer(() => this.#load(orderId)),
  };

  readonly journal: Journal = {
    read: (orderId, after, limit) =>
      this.#answer(() => (this.#journals.get(orderId) ?? []).slice(after, after + limit)),
    lastSeqs: (orderIds) =>
      this.#answer(
        () =>
          new Map(
            orderIds.flatMap((orderId) => {
              const entries = this.#journals.get(orderId);
              return entries === undefined ? [] : [[orderId, entries.length] as const];
            }),
          ),
      ),
  };

  /** Of a test's own making: a token is the number of the last entry of all. */
  readonly changes: Changes = {
    now: () => this.#answer(() => String(this.#log.length)),
    since: (token) =>
      this.#answer(() => {
        const from = Number(token);
        if (!Number.isInteger(from) || token === '' || from > this.#log.length) return { outcome: 'unknown' };
        if (this.#log.length - from > this.mostEntries) return { outcome: 'too_old' };
        const firsts = new Map<string, number>();
        for (const { orderId, seq } of this.#log.slice(from)) {
          if (!firsts.has(orderId)) firsts.set(orderId, seq);
        }
        const orders = [...firsts].map(([orderId, seq]) => ({
          orderId,
          owner: 'local',
          after: seq - 1,
          lastSeq: this.lastSeq(orderId),
        }));
        return { outcome: 'read', orders, token: String(this.#log.length) };
      }),
    openOrders: () =>
      this.#answer(() => {
        const open = [...this.#journals].filter(
          ([, entries]) => !isFinal(statusOf(entries.at(-1)?.state ?? '')),
        );
        return new Map(open.map(([orderId, entries]) => [orderId, entries.length]));
      }),
  };

  /** Commits an entry with this message. The caller notifies others of it, or does not. */
  commit(message: JournaledMessage): JournaledMessage {
    const at = Date.parse(message.timestamp);
    this.append({
      seq: message.seq,
      at,
      machineVersion: 1,
      event: { type: 'TEST', at, draw: 0 },
      edges: [],
      state: message.state,
      message,
    });
    return message;
  }

  append(entry: JournalEntry): void {
    const { orderId } = entry.message;
    const entries = this.#journals.get(orderId) ?? [];
    if (entry.seq !== entries.length + 1)
      throw new Error(`order ${orderId}: seq ${entry.seq} after ${entries.length}`);
    entries.push(entry);
    this.#log.push({ orderId, seq: entry.seq });
    this.#journals.set(orderId, entries);
  }

  /** What the stored order says that it sells and buys; its journal does not say it. */
  setTerms(orderId: string, terms: object): void {
    this.#terms.set(orderId, terms);
  }

  lastSeq(orderId: string): number {
    return this.#journals.get(orderId)?.length ?? 0;
  }

  #load(orderId: string): StoredOrder | null {
    const last = this.#journals.get(orderId)?.at(-1);
    if (last === undefined) return null;
    const status = statusOf(last.state);
    return {
      orderId,
      owner: 'local',
      clientOrderId: null,
      requestHash: '',
      version: last.seq,
      status,
      state: {
        machineVersion: 1,
        value: status,
        context: { progress: last.message.progress, terms: this.#terms.get(orderId) },
        status: 'active',
      },
      lastSeq: last.seq,
      createdAt: 0,
      updatedAt: last.at,
      worker: null,
      held: null,
    };
  }

  /** The answer is as of a moment between question and reply, as with any store. */
  async #answer<Answer>(read: () => Answer): Promise<Answer> {
    this.queries += 1;
    await sleep((this.#random() * this.lagMs) / 2);
    if (this.away) throw new StoreUnavailable('the journal in memory is set to be unavailable');
    const answer = read();
    await sleep((this.#random() * this.lagMs) / 2);
    return answer;
  }
}
