/** Pages of orders, by creation. Each filter has an index in the page's own order, so that a page costs what it shows. */
import type { mongo } from 'mongoose';
import { isFinal } from '../../../../machines/order/state.ts';
import { termsOf, textsOf } from '../../order-terms.ts';
import type { OrderFilter, OrderSearch, OrderStore } from '../../ports.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import type { Database } from '../database.ts';
import type { TermsFill } from './fill-terms.ts';
import { toOrder, WITHOUT_JOURNAL, type OrderDocument } from './mapping.ts';

const MINUTE_MS = 60_000;
/**
 * A page is looked for in windows of time that reach further and further back, to two years and then to the beginning. A
 * server that reads an index in its order needs none, and loses a fraction of a millisecond for each that is empty; one that
 * sorts all that a filter finds (FerretDB 2.7 took 32 s where a million orders were stored) sorts one window. Pages with the
 * oldest first have no windows.
 */
const WINDOWS_MS = [
  ...Array.from({ length: 11 }, (_, step) => MINUTE_MS * 4 ** step),
  Number.POSITIVE_INFINITY,
];

type Listed = Omit<OrderDocument, 'journal'>;
type Where = mongo.Filter<OrderDocument>;

/** Of one page: `isNewestFirst`, and which creations it may show. Times in Unix milliseconds. */
interface Span {
  readonly isNewestFirst: boolean;
  readonly after: Position | null;
  readonly since: number | null;
  readonly until: number | null;
}

export function prepareList(database: Database, fill: TermsFill): OrderStore['list'] {
  const { orderDocuments, clock } = database;

  const find = (where: Where, { isNewestFirst }: Span, limit: number): Promise<Listed[]> => {
    const direction = isNewestFirst ? -1 : 1;
    return database.run(() =>
      orderDocuments
        .find<Listed>(where, { projection: WITHOUT_JOURNAL })
        .sort({ createdAt: direction, _id: direction })
        .limit(limit)
        .toArray(),
    );
  };

  /** @param isSelective few orders are found: they need no windows */
  async function findInSpan(
    where: Where,
    span: Span,
    limit: number,
    isSelective: boolean,
  ): Promise<Listed[]> {
    const bounds = boundsOf(span);
    if (isSelective || !span.isNewestFirst) return find({ $and: [where, ...bounds] }, span, limit);
    const newest = span.after?.createdAt ?? span.until ?? clock.now();
    let before: Where = {};
    const found: Listed[] = [];
    for (const windowMs of WINDOWS_MS) {
      const from = newest - windowMs;
      const isLast = from <= (span.since ?? Number.NEGATIVE_INFINITY);
      const window: Where = isLast ? {} : { createdAt: { $gte: new Date(from) } };
      const all = { $and: [where, ...bounds, before, window] };
      found.push(...(await find(all, span, limit - found.length)));
      if (found.length >= limit || isLast) break;
      before = { createdAt: { $lt: new Date(from) } };
    }
    return found;
  }

  /** Open orders have no terms: those that contain the text are read. */
  async function findOpen(
    { owner, status }: OrderFilter,
    terms: readonly string[],
    span: Span,
  ): Promise<Listed[]> {
    if (terms.length === 0 || (status !== undefined && isFinal(status))) return [];
    const where: Where = {
      owner,
      open: true,
      ...(status === undefined ? {} : { status }),
      state: { $regex: textsOf(terms).map(escaped).join('|'), $options: 'i' },
    };
    const found = await database.run(() =>
      orderDocuments
        .find<Listed>({ $and: [where, ...boundsOf(span)] }, { projection: WITHOUT_JOURNAL, hint: 'open' })
        .toArray(),
    );
    return found.filter((order) =>
      termsOf(toOrder(order).state.context).some((term) => terms.includes(term)),
    );
  }

  async function findAny(filter: OrderFilter, search: OrderSearch, span: Span, limit: number) {
    const { owner, status } = filter;
    const own: Where = { owner, ...(status === undefined ? {} : { status }) };
    const { terms, idPrefix, clientOrderId } = search;
    // An order that ends meanwhile is among the open ones, or among the ended ones, which are read later; or in both.
    const found = await findOpen(filter, terms, span);
    const ended = await Promise.all([
      ...(status === undefined || isFinal(status)
        ? terms.map((term) => findInSpan({ ...own, terms: term }, span, limit, term.startsWith('tx:')))
        : []),
      ...(idPrefix === undefined
        ? []
        : // `~` comes after all characters of ids.
          [findInSpan({ ...own, _id: { $gte: idPrefix, $lt: `${idPrefix}~` } }, span, limit, true)]),
      ...(clientOrderId === undefined ? [] : [findInSpan({ ...own, clientOrderId }, span, limit, true)]),
    ]);
    const each = new Map([...found, ...ended.flat()].map((order) => [order._id, order]));
    const direction = span.isNewestFirst ? -1 : 1;
    return [...each.values()]
      .sort((a, b) => direction * (+a.createdAt - +b.createdAt || (a._id < b._id ? -1 : 1)))
      .slice(0, limit);
  }

  return async (filter) => {
    const { owner, status, clientOrderId, search, limit, cursor, first, since, until } = filter;
    const span: Span = {
      isNewestFirst: first !== 'oldest',
      after: cursor === undefined ? null : decodeCursor(cursor),
      since: since ?? null,
      until: until ?? null,
    };
    const where = {
      owner,
      ...(status === undefined ? {} : { status }),
      ...(clientOrderId === undefined ? {} : { clientOrderId }),
    };
    const isFilled = search === undefined || search.terms.length === 0 || (await fill.isFilled());
    // One order more than the page holds shows that there is a next page.
    const found =
      search === undefined
        ? await findInSpan(where, span, limit + 1, clientOrderId !== undefined)
        : await findAny(filter, search, span, limit + 1);
    const shown = found.slice(0, limit).map(toOrder);
    const last = shown.at(-1);
    return {
      orders: shown,
      nextCursor: found.length > limit && last !== undefined ? encodeCursor(last) : null,
      ...(isFilled ? {} : { isIncomplete: true }),
    };
  };
}

function boundsOf({ isNewestFirst, after, since, until }: Span): readonly Where[] {
  return [
    ...(after === null ? [] : [beyond(after, isNewestFirst)]),
    ...(since === null ? [] : [{ createdAt: { $gte: new Date(since) } }]),
    ...(until === null ? [] : [{ createdAt: { $lt: new Date(until) } }]),
  ];
}

/** The first condition repeats what the others say, for the planner: it bounds the index. */
function beyond({ createdAt, orderId }: Position, isNewestFirst: boolean): Where {
  const instant = new Date(createdAt);
  return isNewestFirst
    ? { createdAt: { $lte: instant }, $or: [{ createdAt: { $lt: instant } }, { _id: { $lt: orderId } }] }
    : { createdAt: { $gte: instant }, $or: [{ createdAt: { $gt: instant } }, { _id: { $gt: orderId } }] };
}

function escaped(text: string): string {
  return text.replace(/[^a-z0-9]/gi, '\\$&');
}
