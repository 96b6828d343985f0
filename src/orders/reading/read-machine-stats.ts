/** How the newest orders of an owner went through a version of the machine: read from their journals, a bounded number of them. */
import type { MachineStats } from '../../protocol/machine-stats.ts';
import type { Journal, OrderStore, StoredOrder } from '../../store/ports.ts';
import { MachineTally } from './machine-stats.ts';

export interface StatsRequest {
  readonly owner: string;
  readonly version: number;
  /** Creation, in Unix milliseconds. */
  readonly since?: number;
  readonly until?: number;
  /** At most so many orders are looked at. */
  readonly orders: number;
}

/** @throws StoreUnavailable */
export type ReadMachineStats = (request: StatsRequest) => Promise<MachineStats>;

const PAGE = 100;
/** Journals that are read at a time: other requests come between. */
const AT_A_TIME = 10;
/** No order has nearly as many; an entry beyond is not counted. */
const MOST_ENTRIES = 1_000;

export function readMachineStats(
  store: Pick<OrderStore, 'list'>,
  journal: Pick<Journal, 'read'>,
): ReadMachineStats {
  return async ({ owner, version, since, until, orders: most }) => {
    const tally = new MachineTally(version);
    const bounds = {
      owner,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    };
    let cursor: string | null = null;
    let seen = 0;
    let newest: StoredOrder | undefined;
    let oldest: StoredOrder | undefined;
    do {
      const limit = Math.min(PAGE, most - seen);
      const page = await store.list({ ...bounds, limit, ...(cursor === null ? {} : { cursor }) });
      for (let from = 0; from < page.orders.length; from += AT_A_TIME) {
        const some = page.orders.slice(from, from + AT_A_TIME);
        const journals = await Promise.all(some.map(({ orderId }) => journal.read(orderId, 0, MOST_ENTRIES)));
        for (const entries of journals) tally.add(entries);
      }
      newest ??= page.orders[0];
      oldest = page.orders.at(-1) ?? oldest;
      seen += page.orders.length;
      cursor = page.nextCursor;
    } while (cursor !== null && seen < most);
    const { states, edges, failures, ...counts } = tally.result();
    return {
      ...counts,
      complete: cursor === null,
      from: timeOf(oldest),
      to: timeOf(newest),
      edges,
      states,
      failures,
    };
  };
}

function timeOf(order: StoredOrder | undefined): string | null {
  return order === undefined ? null : new Date(order.createdAt).toISOString();
}
