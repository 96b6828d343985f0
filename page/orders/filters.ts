/** Which orders are shown: of those that are loaded, and of those that the server finds. */
import { computed, signal } from '@preact/signals';
import { isFinal, ORDER_STATUSES, statusOf, type OrderStatus } from '../../machines/order/state.ts';
import { query, setQuery } from '../app/router.ts';
import { tokenName } from '../parts/format.ts';
import { serverCounts } from './counts.ts';
import { allRows, drawn, foundRows } from './orders-store.ts';
import type { Row } from './row.ts';

export const FILTERS = ['all', 'open', 'waiting', 'confirmed', 'failed', 'cancelled'] as const;
export type Filter = (typeof FILTERS)[number];

const PASSES: Readonly<Record<Filter, (row: Row) => boolean>> = {
  all: () => true,
  open: ({ state }) => !isFinal(statusOf(state)),
  waiting: ({ isWaiting, isHeld }) => isWaiting || isHeld,
  confirmed: ({ status }) => status === 'confirmed',
  failed: ({ status }) => status === 'failed',
  cancelled: ({ status }) => status === 'cancelled',
};

const OPEN = ORDER_STATUSES.filter((status) => !isFinal(status));
/** The statuses whose orders pass; null: any. */
const STATUSES: Readonly<Record<Filter, readonly OrderStatus[] | null>> = {
  all: null,
  open: OPEN,
  waiting: OPEN,
  confirmed: ['confirmed'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

const HOUR_MS = 3_600_000;
export const RANGES = {
  '15m': { name: 'Last 15 minutes', ms: HOUR_MS / 4 },
  '1h': { name: 'Last hour', ms: HOUR_MS },
  '24h': { name: 'Last 24 hours', ms: 24 * HOUR_MS },
  '7d': { name: 'Last 7 days', ms: 7 * 24 * HOUR_MS },
} as const;
export type RangeName = keyof typeof RANGES;

/** Unix milliseconds; null: unbounded. */
export interface Range {
  readonly name: RangeName | 'any' | 'between';
  readonly since: number | null;
  readonly until: number | null;
}

const ANY_TIME: Range = { name: 'any', since: null, until: null };

export const filter = signal<Filter>(FILTERS.find((each) => each === query.value.get('state')) ?? 'all');
export const search = signal(query.value.get('q') ?? '');
/** The code of a reason; empty: any. */
export const reason = signal(query.value.get('reason') ?? '');
export const range = signal(rangeOf(query.value.get('time') ?? ''));
export const isOldestFirst = signal(query.value.get('sort') === 'oldest');

interface Choice {
  readonly filter?: Filter;
  readonly search?: string;
  readonly reason?: string;
  /** `1h`, or `<since>-<until>` in Unix milliseconds, each of which may be empty; empty: any time. */
  readonly time?: string;
  readonly oldestFirst?: boolean;
}

export function choose(changes: Choice): void {
  if (changes.filter !== undefined) {
    filter.value = changes.filter;
    reason.value = '';
  }
  if (changes.search !== undefined) search.value = changes.search;
  if (changes.reason !== undefined) reason.value = changes.reason;
  if (changes.time !== undefined) range.value = rangeOf(changes.time);
  if (changes.oldestFirst !== undefined) isOldestFirst.value = changes.oldestFirst;
  setQuery({
    state: filter.value === 'all' ? null : filter.value,
    q: search.value.trim(),
    reason: reason.value,
    time: timeText(range.value),
    sort: isOldestFirst.value ? 'oldest' : null,
  });
}

export function chooseAll(): void {
  choose({ filter: 'all', search: '', reason: '', time: '', oldestFirst: false });
}

/** What the server is asked for. A reason is searched for as a word, and what else was typed is looked for in the answer. */
export interface Asked {
  readonly q?: string;
  readonly statuses: readonly OrderStatus[] | null;
  readonly since?: number;
  readonly until?: number;
  readonly sort?: 'oldest';
}

/** Null: what is loaded is all that is shown. */
export const asked = computed((): Asked | null => {
  const word = reason.value === '' ? search.value.trim() : reason.value;
  const { since, until } = range.value;
  const statuses = STATUSES[filter.value];
  if (word === '' && since === null && until === null && statuses === null && !isOldestFirst.value)
    return null;
  return {
    statuses,
    ...(word === '' ? {} : { q: word }),
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    ...(isOldestFirst.value ? { sort: 'oldest' } : {}),
  };
});

const loaded = computed(() => (drawn.value >= 0 ? allRows() : []));
const found = computed(() => (drawn.value >= 0 ? foundRows() : []));

export const loadedCount = computed(() => loaded.value.length);

/** Of all orders where the server counts them; `waiting` of those that are loaded. */
export const counts = computed((): Readonly<Record<Filter, number>> => {
  const here = { all: 0, open: 0, waiting: 0, confirmed: 0, failed: 0, cancelled: 0 };
  for (const row of loaded.value) {
    for (const each of FILTERS) if (PASSES[each](row)) here[each] += 1;
  }
  const there = serverCounts.value;
  if (there === null) return here;
  const { byStatus, total } = there;
  const open = OPEN.reduce((sum, status) => sum + byStatus[status], 0);
  const { confirmed, failed, cancelled } = byStatus;
  return { all: total, open, waiting: here.waiting, confirmed, failed, cancelled };
});

export const shown = computed(() => {
  const words = search.value.trim().toLowerCase();
  const passes = PASSES[filter.value];
  const code = reason.value;
  const { since, until } = range.value;
  const isShown = (row: Row): boolean =>
    passes(row) &&
    (code === '' || row.note?.code === code) &&
    (since === null || row.createdAt >= since) &&
    (until === null || row.createdAt < until);
  const matches = (row: Row): boolean => words === '' || textOf(row).includes(words);
  // The server found these by the search, unless a reason took its place.
  const rows = new Map(
    found.value
      .filter((row) => isShown(row) && (code === '' || matches(row)))
      .map((row) => [row.orderId, row]),
  );
  // With the oldest first, the loaded ones are behind pages that are not read yet.
  if (!isOldestFirst.value) {
    for (const row of loaded.value) if (isShown(row) && matches(row)) rows.set(row.orderId, row);
  }
  const direction = isOldestFirst.value ? 1 : -1;
  return [...rows.values()].sort(
    (a, b) => direction * (a.createdAt - b.createdAt || (a.orderId < b.orderId ? 1 : -1)),
  );
});

export interface ReasonGroup {
  readonly code: string;
  /** One of them, where it is known. */
  readonly message: string;
  readonly count: number;
}

/** Why orders failed or wait, by code, the most frequent first: of all orders, but those that wait of the loaded ones. */
export const reasons = computed((): readonly ReasonGroup[] => {
  if (filter.value !== 'failed' && filter.value !== 'waiting' && filter.value !== 'cancelled') return [];
  const passes = PASSES[filter.value];
  const groups = new Map<string, ReasonGroup>();
  for (const row of loaded.value) {
    if (!passes(row) || row.note === null) continue;
    const { code, message } = row.note;
    groups.set(code, { code, message, count: (groups.get(code)?.count ?? 0) + 1 });
  }
  const there = serverCounts.value?.reasons.filter(({ status }) => status === filter.value) ?? [];
  if (filter.value !== 'waiting' && there.length > 0) {
    return there.map(({ code, orders }) => ({
      code,
      message: groups.get(code)?.message ?? code,
      count: orders,
    }));
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
});

function textOf({ orderId, clientOrderId, sellToken, buyToken, state, note }: Row): string {
  const tokens = [sellToken, buyToken].map((token) => (token === null ? '' : `${token} ${tokenName(token)}`));
  return [orderId, clientOrderId, ...tokens, state, note?.code, note?.message].join(' ').toLowerCase();
}

function rangeOf(time: string): Range {
  for (const [name, { ms }] of Object.entries(RANGES)) {
    if (name === time) return { name: time as RangeName, since: Date.now() - ms, until: null };
  }
  const parts = /^(\d{0,15})-(\d{0,15})$/.exec(time);
  if (parts === null) return ANY_TIME;
  const [since, until] = [parts[1], parts[2]].map((text) => (text === '' ? null : Number(text)));
  return { name: 'between', since: since ?? null, until: until ?? null };
}

function timeText({ name, since, until }: Range): string {
  if (name === 'any') return '';
  return name === 'between' ? `${since ?? ''}-${until ?? ''}` : name;
}
