/** The measured pages, of 50 orders each. */
import type { OrderFilter } from '../../src/store/ports.ts';
import type { FilledStore } from './filled-store.ts';
import { namesOf, OPEN_ORDERS, OWNER } from './stored-orders.ts';

export interface PageKind {
  readonly name: string;
  /** The number of orders in the page. */
  readonly orders: number;
  /** @param turn each turn reads another page */
  readonly filter: (turn: number, stored: number, filled: Pick<FilledStore, 'cursorAfter'>) => OrderFilter;
}

const LIMIT = 50;
const PAGE = { owner: OWNER, limit: LIMIT } as const;

/** An order in the middle half of the ended ones. Consecutive turns are far apart. */
function inTheMiddle(turn: number, stored: number): number {
  const ended = stored - OPEN_ORDERS;
  return Math.floor(ended / 4) + ((turn * 7_919) % Math.floor(ended / 2));
}

export const PAGE_KINDS: readonly PageKind[] = [
  { name: 'first', orders: LIMIT, filter: () => PAGE },
  {
    name: 'middle',
    orders: LIMIT,
    filter: (turn, stored, { cursorAfter }) => ({
      ...PAGE,
      cursor: cursorAfter(inTheMiddle(turn, stored)),
    }),
  },
  { name: 'confirmed, first', orders: LIMIT, filter: () => ({ ...PAGE, status: 'confirmed' }) },
  {
    name: 'confirmed, middle',
    orders: LIMIT,
    filter: (turn, stored, { cursorAfter }) => ({
      ...PAGE,
      status: 'confirmed',
      cursor: cursorAfter(inTheMiddle(turn, stored)),
    }),
  },
  { name: 'pending, first', orders: LIMIT, filter: () => ({ ...PAGE, status: 'pending' }) },
  {
    name: 'search: a token of all orders, middle',
    orders: LIMIT,
    filter: (turn, stored, { cursorAfter }) => ({
      ...PAGE,
      search: { terms: ['token:weth'] },
      cursor: cursorAfter(inTheMiddle(turn, stored)),
    }),
  },
  {
    name: 'search: a word that is anything, found nowhere',
    orders: 0,
    filter: () => ({
      ...PAGE,
      search: { terms: ['token:nothing', 'code:nothing'], idPrefix: 'nothing', clientOrderId: 'nothing' },
    }),
  },
  {
    name: 'search: the beginning of an id',
    orders: 1,
    filter: (turn, stored) => ({
      ...PAGE,
      search: { terms: [], idPrefix: namesOf(inTheMiddle(turn, stored), stored).orderId.slice(0, 10) },
    }),
  },
  {
    name: 'an hour in the middle, oldest first',
    orders: LIMIT,
    filter: (turn, stored) => {
      const since = namesOf(inTheMiddle(turn, stored), stored).createdAt;
      return { ...PAGE, since, until: since + 3_600_000, first: 'oldest' };
    },
  },
  {
    name: 'search: a pair in an hour, confirmed',
    orders: LIMIT,
    filter: (turn, stored) => {
      const since = namesOf(inTheMiddle(turn, stored), stored).createdAt;
      return {
        ...PAGE,
        status: 'confirmed',
        search: { terms: ['pair:weth/usdc'] },
        since,
        until: since + 3_600_000,
      };
    },
  },
  {
    name: 'one clientOrderId',
    orders: 1,
    filter: (turn, stored) => ({
      ...PAGE,
      clientOrderId: namesOf(inTheMiddle(turn, stored), stored).clientOrderId,
    }),
  },
];
