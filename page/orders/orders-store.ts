/** The orders that are loaded, newest first. However many entries come, the list is drawn once a frame. */
import { signal } from '@preact/signals';
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import type { OrderView } from '../../src/protocol/views.ts';
import { watchOrders, type OrdersStream } from '../api/orders-stream.ts';
import { readOrder, readOrders } from '../api/answers.ts';
import { link, onRetry } from '../app/link.ts';

export interface Row {
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly status: string;
  readonly state: string;
  /** Also of an order that ended unfilled: how far it came. */
  readonly progress: number;
  readonly lastSeq: number;
  readonly attempt: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly sellToken: string | null;
  readonly buyToken: string | null;
  readonly sellAmount: string | null;
  readonly executedBuyAmount: string | null;
  /** What it waits for, or why it ended or is held. */
  readonly note: { readonly code: string; readonly message: string } | null;
  readonly isWaiting: boolean;
  readonly isHeld: boolean;
}

const PAGE = 200;
/** Older ones are dropped from the list while newer ones come, so that a page that is open for days stays small. */
export const MOST_ROWS = 5_000;

const rows = new Map<string, Row>();
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
    const page = await readOrders(PAGE, cursor);
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
    const page = await readOrders(PAGE, null);
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

/** The first entry of an order may carry its terms. */
function rowOfFirst(message: JournaledMessage): Row | null {
  const terms: Readonly<Record<string, unknown>> = { ...message };
  const text = (name: string): string | null => {
    const value = terms[name];
    return typeof value === 'string' ? value : null;
  };
  if (message.type !== 'pending' || text('sellToken') === null) return null;
  const at = Date.parse(message.timestamp);
  return {
    orderId: message.orderId,
    clientOrderId: text('clientOrderId'),
    status: 'pending',
    state: message.state,
    progress: 0,
    lastSeq: 0,
    attempt: 1,
    createdAt: at,
    updatedAt: at,
    sellToken: text('sellToken'),
    buyToken: text('buyToken'),
    sellAmount: text('sellAmount'),
    executedBuyAmount: null,
    note: null,
    isWaiting: false,
    isHeld: false,
  };
}

function afterMessage(row: Row, message: JournaledMessage): Row {
  const waitingFor = 'waitingFor' in message ? (message.waitingFor ?? null) : null;
  const error = 'error' in message ? (message.error ?? null) : null;
  const reason = 'reason' in message ? message.reason : null;
  const deviation = 'deviation' in message ? (message.deviation ?? null) : null;
  return {
    ...row,
    status: message.state.split('.', 1)[0] ?? row.status,
    state: message.state,
    progress: 'lastProgress' in message ? message.lastProgress : message.progress,
    lastSeq: message.seq,
    attempt: 'attempt' in message ? message.attempt : row.attempt,
    updatedAt: Date.parse(message.timestamp),
    executedBuyAmount: message.type === 'confirmed' ? message.executedBuyAmount : row.executedBuyAmount,
    note: reason ?? deviation ?? waitingFor ?? error,
    isWaiting: message.type === 'retry' || waitingFor?.retryAt != null,
  };
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

function rowOf(order: OrderView): Row {
  return {
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    status: order.status,
    state: order.state,
    progress: order.status === 'failed' || order.status === 'cancelled' ? order.lastProgress : order.progress,
    lastSeq: order.lastSeq,
    attempt: order.attempt,
    createdAt: Date.parse(order.createdAt),
    updatedAt: Date.parse(order.updatedAt),
    sellToken: order.sellToken,
    buyToken: order.buyToken,
    sellAmount: order.sellAmount,
    executedBuyAmount: order.executedBuyAmount,
    note: order.held ?? order.reason ?? order.deviation ?? order.waitingFor,
    isWaiting: order.waitingFor?.retryAt != null,
    isHeld: order.held !== null,
  };
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
