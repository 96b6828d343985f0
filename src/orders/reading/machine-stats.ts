/** Adds up the journals of orders: which transitions were taken, how long states lasted, where and why orders ended unfilled. */
import { isFinal, statusOf, type OrderStatus } from '../../../machines/order/state.ts';
import type { JournalEntry } from '../../journal/entry.ts';
import type { MachineStats } from '../../protocol/machine-stats.ts';

interface StateTally {
  orders: number;
  visits: number;
  now: number;
  failures: number;
  readonly lastedMs: number[];
}

interface Failure {
  readonly status: OrderStatus;
  readonly code: string;
  readonly state: string;
  orders: number;
}

/** Entries of other machine versions are left out. */
export class MachineTally {
  readonly #version: number;
  readonly #edges = new Map<string, { orders: number; taken: number }>();
  readonly #states = new Map<string, StateTally>();
  readonly #failures = new Map<string, Failure>();
  #orders = 0;

  constructor(version: number) {
    this.#version = version;
  }

  /** @param entries the whole journal of an order, or its beginning */
  add(entries: readonly JournalEntry[]): void {
    const own = entries.filter(({ machineVersion }) => machineVersion === this.#version);
    if (own.length === 0) return;
    this.#orders += 1;
    this.#addEdges(own);
    this.#addVisits(own);
    this.#addFailure(own);
  }

  result(): Pick<MachineStats, 'version' | 'orders' | 'edges' | 'states' | 'failures'> {
    return {
      version: this.#version,
      orders: this.#orders,
      edges: [...this.#edges].map(([id, counts]) => ({ id, ...counts })),
      states: [...this.#states].map(([path, { lastedMs, ...counts }]) => {
        const sorted = lastedMs.toSorted((a, b) => a - b);
        return { path, ...counts, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
      }),
      failures: [...this.#failures.values()].sort(
        (a, b) => b.orders - a.orders || (a.code < b.code ? -1 : 1),
      ),
    };
  }

  #addEdges(entries: readonly JournalEntry[]): void {
    const seen = new Set<string>();
    for (const id of entries.flatMap(({ edges }) => edges)) {
      const counts = this.#edges.get(id) ?? { orders: 0, taken: 0 };
      counts.taken += 1;
      if (!seen.has(id)) counts.orders += 1;
      seen.add(id);
      this.#edges.set(id, counts);
    }
  }

  /** A visit begins with the entry that reaches the state, or a state in it, and ends with the first entry outside. */
  #addVisits(entries: readonly JournalEntry[]): void {
    const begun = new Map<string, number>();
    const seen = new Set<string>();
    for (const { state, at } of entries) {
      const paths = withParents(state);
      for (const [path, since] of begun) {
        if (paths.includes(path)) continue;
        this.#state(path).lastedMs.push(at - since);
        begun.delete(path);
      }
      for (const path of paths) {
        if (begun.has(path)) continue;
        begun.set(path, at);
        const tally = this.#state(path);
        tally.visits += 1;
        if (!seen.has(path)) tally.orders += 1;
        seen.add(path);
      }
    }
    for (const path of begun.keys()) this.#state(path).now += 1;
  }

  #addFailure(entries: readonly JournalEntry[]): void {
    const last = entries.at(-1);
    const status = last === undefined ? null : statusOf(last.state);
    if (last === undefined || status === null || !isFinal(status) || status === 'confirmed') return;
    const state = entries.at(-2)?.state ?? last.state;
    const { message } = last;
    const code = 'reason' in message ? message.reason.code : 'unknown';
    const key = `${status} ${code} ${state}`;
    const failure = this.#failures.get(key) ?? { status, code, state, orders: 0 };
    failure.orders += 1;
    this.#failures.set(key, failure);
    for (const path of withParents(state)) this.#state(path).failures += 1;
  }

  #state(path: string): StateTally {
    const known = this.#states.get(path);
    if (known !== undefined) return known;
    const made: StateTally = { orders: 0, visits: 0, now: 0, failures: 0, lastedMs: [] };
    this.#states.set(path, made);
    return made;
  }
}

/** `routing.quoting` as `routing` and `routing.quoting`. */
function withParents(path: string): readonly string[] {
  const names = path.split('.');
  return names.map((_, index) => names.slice(0, index + 1).join('.'));
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
