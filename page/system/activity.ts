/** What orders did in the last minutes, in steps of time: from the newest orders, read again every few seconds. */
import { signal } from '@preact/signals';
import { isFinal, statusOf } from '../../machines/order/state.ts';
import type { OrderView } from '../../src/protocol/views.ts';
import { readOrders } from '../api/answers.ts';

const MINUTES = 15;
const STEP_MS = 10_000;
const EVERY_MS = 5_000;
const PAGE = 200;
const MOST_PAGES = 5;

/** One number a step; null: nothing is known of it. */
export interface Activity {
  /** Unix seconds. */
  readonly times: readonly number[];
  /** A second. */
  readonly created: readonly (number | null)[];
  readonly confirmed: readonly (number | null)[];
  readonly unfilled: readonly (number | null)[];
  /** Seconds from creation to the end, of orders that ended in the step. */
  readonly p50: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  /** There are more orders than were read: the time before the oldest of them is left out. */
  readonly isCut: boolean;
}

export const activity = signal<Activity | null>(null);

export function watchActivity(): () => void {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async (): Promise<void> => {
    try {
      if (!document.hidden) {
        const now = Date.now();
        const orders = await newest(now - MINUTES * 60_000);
        if (!isStopped) activity.value = activityOf(orders, now);
      }
    } catch {
      // The banner says that the server does not answer.
    }
    if (!isStopped) timer = setTimeout(() => void read(), EVERY_MS);
  };
  void read();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

interface Newest {
  readonly orders: readonly OrderView[];
  readonly isCut: boolean;
}

async function newest(since: number): Promise<Newest> {
  const orders: OrderView[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await readOrders({ limit: PAGE, since, ...(cursor === null ? {} : { cursor }) });
    orders.push(...page.orders);
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return { orders, isCut: cursor !== null };
}

export function activityOf({ orders, isCut }: Newest, now: number): Activity {
  const steps = (MINUTES * 60_000) / STEP_MS;
  const begin = Math.floor(now / STEP_MS) * STEP_MS - (steps - 1) * STEP_MS;
  const oldest = isCut ? Date.parse(orders.at(-1)?.createdAt ?? '') : begin;
  const made = Array.from({ length: steps }, () => ({
    created: 0,
    confirmed: 0,
    unfilled: 0,
    tookMs: [] as number[],
  }));
  const stepAt = (at: number) => made[Math.floor((at - begin) / STEP_MS)];
  for (const { createdAt, updatedAt, state } of orders) {
    const [from, to] = [Date.parse(createdAt), Date.parse(updatedAt)];
    const first = stepAt(from);
    if (first !== undefined) first.created += 1;
    const status = statusOf(state);
    const last = isFinal(status) ? stepAt(to) : undefined;
    if (last === undefined) continue;
    last[status === 'confirmed' ? 'confirmed' : 'unfilled'] += 1;
    last.tookMs.push(to - from);
  }
  const known = made.map((step, index) => (begin + (index + 1) * STEP_MS > oldest ? step : null));
  const rate = (of: 'created' | 'confirmed' | 'unfilled') =>
    known.map((step) => (step === null ? null : step[of] / (STEP_MS / 1_000)));
  const quantile = (share: number) =>
    known.map((step) => {
      const sorted = step?.tookMs.toSorted((a, b) => a - b) ?? [];
      const ms = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
      return ms === undefined ? null : ms / 1_000;
    });
  return {
    times: made.map((_, index) => (begin + index * STEP_MS) / 1_000),
    created: rate('created'),
    confirmed: rate('confirmed'),
    unfilled: rate('unfilled'),
    p50: quantile(0.5),
    p99: quantile(0.99),
    isCut,
  };
}
