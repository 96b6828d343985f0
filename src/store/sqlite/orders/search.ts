/**
 * Pages of orders that a search finds. Ended orders are looked up by their terms, one range of `order_terms` for each term and
 * final status. Open orders have no terms yet, so that moving on writes no index: those of the owner are read, whose number
 * MAX_IN_FLIGHT bounds, and only what contains the text is parsed.
 */
import type Database from 'better-sqlite3';
import { isFinal, ORDER_STATUSES } from '../../../../machines/order/state.ts';
import { termsOf, textsOf } from '../../order-terms.ts';
import type { OrderFilter } from '../../ports.ts';
import { ORDER_COLUMNS } from './mapping.ts';
import {
  FIRSTS,
  inSpan,
  spanOrder,
  type Bound,
  type First,
  type ListedRow,
  type SelectRows,
} from './span.ts';

const FINAL_STATUSES = ORDER_STATUSES.filter(isFinal);

interface Found {
  readonly no: number;
  readonly created_at: number;
}

export function termSql(first: First): string {
  return `SELECT order_no AS no, created_at FROM order_terms
    WHERE owner = @owner AND term = @term AND status = @status AND ${inSpan(first, 'order_no')}
    ${spanOrder(first, 'order_no')} LIMIT @limit`;
}

/** Sorts the few orders whose id begins so. */
export function idPrefixSql(first: First): string {
  return `SELECT no, created_at FROM orders INDEXED BY sqlite_autoindex_orders_1
    WHERE id >= @from AND id < @before AND owner = @owner AND (@status = '' OR status = @status)
      AND ${inSpan(first)} ${spanOrder(first)} LIMIT @limit`;
}

export function openTextSql(first: First): string {
  return `SELECT no, created_at, state FROM orders INDEXED BY orders_open
    WHERE owner = @owner AND ended_at IS NULL AND (@status = '' OR status = @status) AND ${inSpan(first)}
      AND EXISTS (SELECT 1 FROM json_each(@texts) WHERE instr(lower(state), value) > 0)
    ${spanOrder(first)}`;
}

export const BY_NUMBERS_SQL = `SELECT no, ${ORDER_COLUMNS} FROM orders WHERE no IN (SELECT value FROM json_each(?))`;

export function prepareSearch(db: Database.Database, selectListed: SelectRows): SelectRows {
  const of = <Row>(sql: (first: First) => string) => {
    const statements = FIRSTS.map((first) => [first, db.prepare<[Bound], Row>(sql(first))] as const);
    const byFirst = new Map(statements);
    return (first: First) => {
      const statement = byFirst.get(first);
      if (statement === undefined) throw new Error(`no statement searches ${first} first`);
      return statement;
    };
  };
  const selectTerm = of<Found>(termSql);
  const selectIdPrefix = of<Found>(idPrefixSql);
  const selectOpen = of<Found & { readonly state: string }>(openTextSql);
  const selectByNumbers = db.prepare<[string], ListedRow>(BY_NUMBERS_SQL);

  function findOpen(terms: readonly string[], first: First, bound: Bound, limit: number): readonly Found[] {
    const found: Found[] = [];
    const texts = JSON.stringify(textsOf(terms));
    for (const row of selectOpen(first).iterate({ ...bound, texts })) {
      const { context } = JSON.parse(row.state) as { readonly context: unknown };
      if (!termsOf(context).some((term) => terms.includes(term))) continue;
      found.push(row);
      if (found.length === limit) break;
    }
    return found;
  }

  return (filter, span, limit) => {
    const { owner, status, search } = filter;
    if (search === undefined) return selectListed(filter, span, limit);
    const { first, ...bounds } = span;
    const { terms, idPrefix, clientOrderId } = search;
    const bound = { owner, status: status ?? '', ...bounds };
    const found: Found[] = [];
    // An order that ends meanwhile is among the open ones, or among the ended ones, which are read later; or in both.
    if (terms.length > 0 && (status === undefined || !isFinal(status))) {
      found.push(...findOpen(terms, first, bound, limit));
    }
    const finals = status === undefined ? FINAL_STATUSES : FINAL_STATUSES.filter((each) => each === status);
    for (const term of terms) {
      for (const final of finals) {
        found.push(...selectTerm(first).all({ owner, ...bounds, term, status: final, limit }));
      }
    }
    if (idPrefix !== undefined) {
      // `~` comes after all characters of ids.
      found.push(...selectIdPrefix(first).all({ ...bound, from: idPrefix, before: `${idPrefix}~`, limit }));
    }
    if (clientOrderId !== undefined) {
      found.push(...selectListed({ ...named(filter), clientOrderId }, span, limit));
    }
    return rowsOf(found, first, limit);
  };

  function rowsOf(found: readonly Found[], first: First, limit: number): readonly ListedRow[] {
    const direction = first === 'newest' ? -1 : 1;
    const numbers = new Map(found.map(({ no, created_at: createdAt }) => [no, createdAt]));
    const page = [...numbers]
      .sort(([no, at], [otherNo, otherAt]) => direction * (at - otherAt || no - otherNo))
      .slice(0, limit)
      .map(([no]) => no);
    const rows = new Map(selectByNumbers.all(JSON.stringify(page)).map((row) => [row.no, row]));
    return page.flatMap((no) => rows.get(no) ?? []);
  }
}

function named({ owner, status, limit }: OrderFilter): OrderFilter {
  return { owner, limit, ...(status === undefined ? {} : { status }) };
}
