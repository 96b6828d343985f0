/**
 * The orders of an owner that may still move, each with the cursor up to which its journal was passed on. An order that is not here is
 * new, or has ended: which of both, a sweep says.
 */
import { isFinal, statusOf } from '../../../machines/order/state.ts';
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { Journal } from '../../store/ports.ts';
import type { Clock } from '../../runtime/time.ts';
import { JournalCursor } from '../core/journal-cursor.ts';
import type { Pair } from './orders-filter.ts';

/** How long an order that has ended is kept, at least: a notification may come late, and a store may answer from a moment ago. */
const KEEP_ENDED_MS = 60_000;

export interface KnownOrder {
  readonly orderId: string;
  readonly cursor: JournalCursor;
  /** Null until it was needed. */
  pair: Pair | null;
}

export interface KnownOrdersDeps {
  readonly journal: Pick<Journal, 'read'>;
  readonly clock: Clock;
  readonly onEntry: (order: KnownOrder, message: JournaledMessage) => void;
  readonly onReadFailed: (orderId: string, thrown: unknown) => void;
}

export class KnownOrders {
  readonly #deps: KnownOrdersDeps;
  readonly #orders = new Map<string, KnownOrder>();
  /** In the order of their end. */
  #ended: { readonly orderId: string; readonly at: number }[] = [];

  constructor(deps: KnownOrdersDeps) {
    this.#deps = deps;
  }

  get(orderId: string): KnownOrder | null {
    return this.#orders.get(orderId) ?? null;
  }

  /** @param seq entries up to here are not passed on */
  add(orderId: string, seq: number): KnownOrder {
    const { journal, clock, onEntry, onReadFailed } = this.#deps;
    const cursor = new JournalCursor(orderId, seq, {
      journal,
      // Throws for a state that is not known, before the cursor moves.
      beforeEntry: ({ state }) => void statusOf(state),
      onEntry: (message) => {
        if (isFinal(statusOf(message.state))) this.#ended.push({ orderId, at: clock.now() });
        onEntry(order, message);
      },
      onReadFailed: (thrown) => onReadFailed(orderId, thrown),
    });
    const order: KnownOrder = { orderId, cursor, pair: null };
    this.#orders.set(orderId, order);
    return order;
  }

  /** @param named the orders that the last sweep named: they are named again. */
  forgetEnded(named: ReadonlySet<string>): void {
    const before = this.#deps.clock.now() - KEEP_ENDED_MS;
    if ((this.#ended[0]?.at ?? before) >= before) return;
    const isKept = ({ orderId, at }: { orderId: string; at: number }) => at >= before || named.has(orderId);
    for (const ended of this.#ended) {
      if (isKept(ended)) continue;
      this.#orders.get(ended.orderId)?.cursor.close();
      this.#orders.delete(ended.orderId);
    }
    this.#ended = this.#ended.filter(isKept);
  }

  clear(): void {
    for (const { cursor } of this.#orders.values()) cursor.close();
    this.#orders.clear();
    this.#ended = [];
  }
}
