/** Which of the loaded orders are shown. */
import { computed, signal } from '@preact/signals';
import { isFinal, statusOf } from '../../machines/order/state.ts';
import { query, setQuery } from '../app/router.ts';
import { tokenName } from '../parts/format.ts';
import { allRows, drawn, type Row } from './orders-store.ts';

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

export const filter = signal<Filter>(FILTERS.find((each) => each === query.value.get('state')) ?? 'all');
export const search = signal(query.value.get('q') ?? '');
/** The code of a reason; empty: any. */
export const reason = signal(query.value.get('reason') ?? '');

export function choose(changes: { filter?: Filter; search?: string; reason?: string }): void {
  if (changes.filter !== undefined) {
    filter.value = changes.filter;
    reason.value = '';
  }
  if (changes.search !== undefined) search.value = changes.search;
  if (changes.reason !== undefined) reason.value = changes.reason;
  setQuery({
    state: filter.value === 'all' ? null : filter.value,
    q: search.value.trim(),
    reason: reason.value,
  });
}

const loaded = computed(() => (drawn.value >= 0 ? allRows() : []));

export const counts = computed((): Readonly<Record<Filter, number>> => {
  const found = { all: 0, open: 0, waiting: 0, confirmed: 0, failed: 0, cancelled: 0 };
  for (const row of loaded.value) {
    for (const each of FILTERS) if (PASSES[each](row)) found[each] += 1;
  }
  return found;
});

export const shown = computed(() => {
  const words = search.value.trim().toLowerCase();
  const passes = PASSES[filter.value];
  const code = reason.value;
  return loaded.value.filter(
    (row) =>
      passes(row) &&
      (code === '' || row.note?.code === code) &&
      (words === '' || textOf(row).includes(words)),
  );
});

/** Why orders failed or wait, by code, the most frequent first. */
export const reasons = computed(() => {
  if (filter.value !== 'failed' && filter.value !== 'waiting' && filter.value !== 'cancelled') return [];
  const passes = PASSES[filter.value];
  const groups = new Map<string, { code: string; message: string; count: number }>();
  for (const row of loaded.value) {
    if (!passes(row) || row.note === null) continue;
    const { code, message } = row.note;
    const group = groups.get(code) ?? { code, message, count: 0 };
    group.count += 1;
    groups.set(code, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
});

function textOf({ orderId, clientOrderId, sellToken, buyToken, state, note }: Row): string {
  const tokens = [sellToken, buyToken].map((token) => (token === null ? '' : `${token} ${tokenName(token)}`));
  return [orderId, clientOrderId, ...tokens, state, note?.code, note?.message].join(' ').toLowerCase();
}
