/** The orders that are loaded, newest first. However many entries come, the list is drawn once a frame. */
import { signal } from '@preact/signals';
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import type { OrderView } from '../../src/protocol/views.ts';
import { watchOrders, type OrdersStream } from '../api/orders-stream.ts';
import { readOrder, readOrders } from '../api/answers.ts';
import { link, onRetry } from '../app/link.ts';
import { afterMessage, rowOf, rowOfFirst, type Row } from './row.ts';

const PAGE = 200;
/** As `early.ts` asks for. */
const FIRST = 60;
/** Older ones are dropped from the list while newer ones come, so that a page that is open for days stays small. */
export const MOST_ROWS = 5_000;

const rows = new Map<string, Row>();
/** What a search found, which may be older than all that is loaded: see found.ts. Live as the other rows are. */
const found = new Map<string, Row>();
/** Changes when the list has to be drawn again. */
export const drawn = signal(0);
export const isLoaded = signal(false);
export const isPaused = signal(false);
/** How many entries came while the list is paused. */
export const missed = signal(0);
/** Where the next page of older orders begins; null: there are none. */
export const nextCursor = signal<string | null>(null);
export const isLoadingMore = signal(false);

/** Orders whose terms are being read, because their first entry was not seen. */
const reading = new Set<string>();
let isDrawing = false;
let stream: OrdersStream | null = null;

export function allRows(): readonly Row[] {
  return [...rows.values()].sort((a, b) => b.createdAt - a.createdAt || (a.orderId < b.orderId ? -1 : 1));
}

/** Unsorted: what a search found. */
export function foundRows(): readonly Row[] {
  return [...found.values()];
}

export function forgetFound(): void {
  found.clear();
  draw();
}

export function addFound(orders: readonly OrderView[]): void {
  for (const order of orders) {
    const row = rowOf(order);
    const loaded = rows.get(row.orderId);
    found.set(row.orderId, loaded !== undefined && loaded.lastSeq > row.lastSeq ? loaded : row);
  }
  draw();
}

export function openList(): () => void {
  link.value = 'connecting';
  void load();
  const opened = watchOrders({
    onEntry,
    onPage: ({ orders }) => mergeAll(orders),
    onResync: () => void load(),
    onLink: (state) => {
      // What came while there was no connection is read again.
      if (state === 'live' && link.value === 'offline') void load();
      link.value = state;
    },
  });
  stream = opened;
  onRetry(() => {
    stream?.retryNow();
    void load();
  });
  return () => opened.close();
}

export function setPaused(paused: boolean): void {
  isPaused.value = paused;
  missed.value = 0;
  if (!paused) draw();
}

export async function loadMore(): Promise<void> {
  const cursor = nextCursor.value;
  if (cursor === null || isLoadingMore.value || rows.size >= MOST_ROWS) return;
  isLoadingMore.value = true;
  try {
    const page = await readOrders({ limit: PAGE, cursor });
    nextCursor.value = page.nextCursor;
    mergeAll(page.orders);
  } catch {
    // The banner says that the server does not answer; scrolling tries again.
  } finally {
    isLoadingMore.value = false;
  }
}

async function load(): Promise<void> {
  try {
    const page = await readOrders({ limit: isLoaded.value ? PAGE : FIRST });
    if (!isLoaded.value) nextCursor.value = page.nextCursor;
    isLoaded.value = true;
    mergeAll(page.orders);
  } catch {
    link.value = 'offline';
  }
}

function mergeAll(orders: readonly OrderView[]): void {
  for (const order of orders) merge(rowOf(order));
  draw();
}

function merge(row: Row): void {
  const before = rows.get(row.orderId);
  if (before !== undefined && before.lastSeq >= row.lastSeq && before.sellToken !== null) return;
  rows.set(row.orderId, row);
}

function onEntry(message: JournaledMessage): void {
  const searched = found.get(message.orderId);
  if (searched !== undefined && searched.lastSeq < message.seq) {
    found.set(message.orderId, afterMessage(searched, message));
    draw();
  }
  const before = rows.get(message.orderId);
  if (before !== undefined && before.lastSeq >= message.seq) return;
  const row = before ?? rowOfFirst(message);
  if (row === null) {
    void readTerms(message.orderId);
    return;
  }
  rows.set(message.orderId, afterMessage(row, message));
  trim();
  draw();
}

async function readTerms(orderId: string): Promise<void> {
  if (reading.has(orderId)) return;
  reading.add(orderId);
  try {
    merge(rowOf(await readOrder(orderId)));
    draw();
  } catch {
    // Its next entry makes the page ask again.
  } finally {
    reading.delete(orderId);
  }
}

function trim(): void {
  if (rows.size <= MOST_ROWS * 1.2) return;
  for (const { orderId } of allRows().slice(MOST_ROWS)) rows.delete(orderId);
  // Older ones are there, but the cursor of their page is not known any more.
  nextCursor.value = null;
}

function draw(): void {
  if (isPaused.value) {
    missed.value += 1;
    return;
  }
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    drawn.value += 1;
  });
}
