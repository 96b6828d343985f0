/** One order: what REST says of it, its journal, and the step of it that is shown. */
import { batch, computed, signal } from '@preact/signals';
import { isFinal } from '../../machines/order/state.ts';
import type { OrderView, TransitionView } from '../../src/protocol/views.ts';
import { loadMachine } from '../api/machines.ts';
import { watchOrder, type OrderStream } from '../api/order-stream.ts';
import { readOrder, readTransitions } from '../api/answers.ts';
import { Refused } from '../api/rest.ts';
import { link, onRetry } from '../app/link.ts';
import { query, setQuery } from '../app/router.ts';
import type { ReplayedStep } from './replay.ts';

export type OrderStore = ReturnType<typeof openOrderStore>;

const PAGE = 200;
const AGAIN_MS = 1_000;

export function openOrderStore(orderId: string) {
  const order = signal<OrderView | null>(null);
  const entries = signal<readonly TransitionView[]>([]);
  const replayed = signal<readonly ReplayedStep[]>([]);
  /** Why there is nothing to show. */
  const refusal = signal<string | null>(null);
  /** The index of the entry that is shown; null: the last one, also when more come. */
  const cursor = signal<number | null>(stepInAddress());
  const step = computed(() => Math.min(cursor.value ?? Infinity, entries.value.length - 1));
  const entry = computed(() => entries.value[step.value]);
  const isLive = computed(() => cursor.value === null || cursor.value >= entries.value.length - 1);
  const hasEnded = computed(() => order.value !== null && isFinal(order.value.status));

  let stream: OrderStream | null = null;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRefreshing = false;
  let isStale = false;

  function goTo(index: number | null): void {
    const last = entries.value.length - 1;
    cursor.value = index === null || index >= last ? null : Math.max(0, index);
    setQuery({ step: cursor.value === null ? null : String(cursor.value + 1) });
  }

  /** Reads what is new. Calls that come meanwhile make it read once more. */
  async function refresh(): Promise<void> {
    isStale = true;
    if (isRefreshing) return;
    isRefreshing = true;
    try {
      while (isStale && !isClosed) {
        isStale = false;
        await readNews();
      }
      if (!isClosed && stream === null) follow();
    } catch (error) {
      fail(error);
    } finally {
      isRefreshing = false;
    }
  }

  async function readNews(): Promise<void> {
    const view = await readOrder(orderId);
    const news: TransitionView[] = [];
    let after = entries.value.length;
    for (let more = true; more;) {
      const page = await readTransitions(orderId, after, PAGE);
      news.push(...page.transitions);
      after = page.nextAfter;
      more = page.links.next !== null;
    }
    if (isClosed) return;
    batch(() => {
      order.value = view;
      refusal.value = null;
      if (news.length > 0) entries.value = [...entries.value, ...news];
      if (link.value === 'connecting' || hasEnded.value) link.value = 'live';
    });
    for (const version of new Set(news.map(({ machineVersion }) => machineVersion)))
      void loadMachine(version);
    void replay();
  }

  async function replay(): Promise<void> {
    try {
      // XState is loaded and run after what can be shown without it.
      if (replayed.value.length === 0) await afterDrawing();
      const { replayJournal } = await import('./replay.ts');
      replayed.value = replayJournal(entries.value);
    } catch {
      // Of a machine version that this page does not know: the steps are shown without their contexts.
      replayed.value = [];
    }
  }

  function fail(error: unknown): void {
    if (isClosed) return;
    if (error instanceof Refused && error.status < 500) {
      refusal.value = error.message;
      return;
    }
    link.value = 'offline';
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), AGAIN_MS);
  }

  function follow(): void {
    if (hasEnded.value) return;
    stream = watchOrder(orderId, entries.value.length, {
      onLink: (state) => {
        link.value = state;
      },
      // It is read once more, for what the server says of it.
      onAccessEnded: () => void refresh(),
      onMessage: (message) => {
        if ('seq' in message && message.seq > entries.value.length) void refresh();
        if (message.type === 'subscribed' && message.lastSeq > entries.value.length) void refresh();
      },
    });
  }

  link.value = 'connecting';
  onRetry(() => {
    stream?.retryNow();
    void refresh();
  });
  void refresh();

  return {
    orderId,
    order,
    entries,
    replayed,
    refusal,
    cursor,
    step,
    entry,
    isLive,
    hasEnded,
    goTo,
    refresh,
    close(): void {
      isClosed = true;
      clearTimeout(timer);
      stream?.close();
    },
  };
}

/** After the next frame; at once where nothing is drawn. */
function afterDrawing(): Promise<void> {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** `?step=3` is the third entry. */
function stepInAddress(): number | null {
  const text = query.value.get('step') ?? '';
  return /^[1-9][0-9]{0,6}$/.test(text) ? Number(text) - 1 : null;
}
