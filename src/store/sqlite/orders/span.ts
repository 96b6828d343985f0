/** Which orders a page may show, by their creation, and in which order: the same for lists and searches. */
import type { OrderFilter } from '../../ports.ts';
import { decodeCursor, type Position } from './cursor.ts';
import type { OrderRow } from './mapping.ts';

export type ListedRow = OrderRow & { readonly no: number };

export type First = 'newest' | 'oldest';
export const FIRSTS: readonly First[] = ['newest', 'oldest'];

/** A part of the orders of an owner, as SQL binds it: from the position on, in the page's direction, to the last creation. */
export interface Span extends Position {
  readonly first: First;
  /** The last creation that is in the page, in its direction. */
  readonly last: number;
}

/** Of an index of `created_at` and the order's number. @param no the column of the number */
export function inSpan(first: First, no = 'no'): string {
  return first === 'newest'
    ? `(created_at, ${no}) < (@createdAt, @no) AND created_at >= @last`
    : `(created_at, ${no}) > (@createdAt, @no) AND created_at <= @last`;
}

export function spanOrder(first: First, no = 'no'): string {
  const direction = first === 'newest' ? 'DESC' : 'ASC';
  return `ORDER BY created_at ${direction}, ${no} ${direction}`;
}

export type Bound = Record<string, string | number>;
export type SelectRows = (filter: OrderFilter, span: Span, limit: number) => readonly ListedRow[];

/** Numbers of orders begin with 1, so that 0 is before all orders of a millisecond. */
export function spanOf({
  cursor,
  first = 'newest',
  since = 0,
  until = Number.MAX_SAFE_INTEGER,
}: OrderFilter): Span {
  const after = cursor === undefined ? null : decodeCursor(cursor);
  if (first === 'newest') {
    const begin = after === null || after.createdAt >= until ? { createdAt: until, no: 0 } : after;
    return { first, ...begin, last: since };
  }
  const begin = after === null || after.createdAt < since ? { createdAt: since, no: 0 } : after;
  return { first, ...begin, last: until - 1 };
}
