/**
 * What the server finds of all orders, for a filter that what is loaded cannot answer: a search, a time, a reason, a status, or the
 * oldest first. What is loaded is shown at once; the server's pages are added as they come, and as the list is scrolled.
 */
import { effect, signal } from '@preact/signals';
import { readOrders, type OrdersQuery } from '../api/answers.ts';
import { Refused } from '../api/rest.ts';
import { addFound, forgetFound } from './orders-store.ts';
import { asked, type Asked } from './filters.ts';

const PAGE = 100;
const TYPING_MS = 200;

export const isSearching = signal(false);
/** Why the server does not search for this. */
export const refusal = signal<string | null>(null);
/** There may be more than what was found. */
export const hasMore = signal(false);
export const isIncomplete = signal(false);

/** One for each status that is asked for. */
interface Source {
  readonly query: OrdersQuery;
  /** Undefined: the first page; null: there are no more. */
  cursor: string | null | undefined;
}

let sources: readonly Source[] = [];
/** Answers of an earlier search are dropped. */
let turn = 0;

export function startSearching(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const wanted = asked.value;
    clearTimeout(timer);
    turn += 1;
    forgetFound();
    refusal.value = null;
    isIncomplete.value = false;
    hasMore.value = wanted !== null;
    isSearching.value = wanted !== null;
    sources = wanted === null ? [] : sourcesOf(wanted);
    if (wanted !== null)
      timer = setTimeout(() => void readNext(turn), wanted.q === undefined ? 0 : TYPING_MS);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

export function findMore(): void {
  if (!isSearching.value && hasMore.value) void readNext(turn);
}

async function readNext(of: number): Promise<void> {
  isSearching.value = true;
  try {
    await Promise.all(
      sources.map(async (source) => {
        if (source.cursor === null) return;
        const from = source.cursor === undefined ? {} : { cursor: source.cursor };
        const page = await readOrders({ ...source.query, ...from });
        if (of !== turn) return;
        source.cursor = page.nextCursor;
        if (page.incomplete === true) isIncomplete.value = true;
        addFound(page.orders);
      }),
    );
  } catch (error) {
    // Without an answer the banner says so, and scrolling tries again.
    if (of === turn && error instanceof Refused) {
      refusal.value = error.message;
      sources = [];
    }
  }
  if (of !== turn) return;
  hasMore.value = sources.some(({ cursor }) => cursor !== null);
  isSearching.value = false;
}

function sourcesOf({ statuses, ...query }: Asked): readonly Source[] {
  const all = { ...query, limit: PAGE };
  if (statuses === null) return [{ query: all, cursor: undefined }];
  return statuses.map((status) => ({ query: { ...all, status }, cursor: undefined }));
}
