import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Database from 'better-sqlite3';
import { ATTEMPTS_SQL, READ_ACCOUNT_SQL } from '../../../src/store/sqlite/ledger/mapping.ts';
import {
  DAY_ADDED_SQL,
  DAY_TOTAL_SQL,
  FORGET_ADDITIONS_SQL,
  FORGET_TOTALS_SQL,
} from '../../../src/store/sqlite/limits/day-totals.ts';
import {
  CHANGED_SQL,
  LAST_ROW_SQL,
  OPEN_ORDERS_SQL,
  ROW_SQL,
} from '../../../src/store/sqlite/orders/changes.ts';
import { WAITING_SQL } from '../../../src/store/sqlite/orders/inbox.ts';
import { LAST_SEQS_SQL, READ_SQL } from '../../../src/store/sqlite/orders/journal.ts';
import { COUNTS_SQL } from '../../../src/store/sqlite/orders/counts.ts';
import { LIST_VARIANTS, listSql } from '../../../src/store/sqlite/orders/list.ts';
import {
  BY_NUMBERS_SQL,
  idPrefixSql,
  openTextSql,
  termSql,
} from '../../../src/store/sqlite/orders/search.ts';
import { FIRSTS } from '../../../src/store/sqlite/orders/span.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { COUNT_OPEN_SQL } from '../../../src/store/sqlite/orders/order-store.ts';
import { FIND_RESERVATION_SQL } from '../../../src/store/sqlite/ledger/find-reservation.ts';
import { RETIRE_CLOSED_SQL } from '../../../src/store/sqlite/ledger/close.ts';
import { CLAIM_SQL, DUE_SQL, RUN_BY_SQL } from '../../../src/store/sqlite/orders/work-store.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

/** What a query costs must not grow with the orders that ended: no table is scanned, nothing that grows is sorted. */
describe('query plans', () => {
  let dir: TempDir;
  let db: Database.Database;
  beforeAll(async () => {
    dir = tempDir();
    db = await openDatabase({ file: join(dir.path, 'plans.sqlite'), limitMs: 1_000, random: () => 0 });
  });
  afterAll(() => {
    db.close();
    dir.remove();
  });

  function planOf(sql: string): readonly string[] {
    const unnamed: readonly unknown[] = sql.match(/\?/g)?.map(() => null) ?? [];
    const named = new Map(sql.match(/@\w+/g)?.map((name) => [name.slice(1), null]));
    const explain = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    const bound = named.size > 0 ? [...unnamed, Object.fromEntries(named)] : unnamed;
    return explain.all(...bound).map(({ detail }) => detail);
  }

  const LISTS = LIST_VARIANTS.flatMap((variant) => FIRSTS.map((first) => [variant, first] as const));

  test.each(LISTS)('a page of the list "%s", %s first, is read from its index in order', (variant, first) => {
    const plan = planOf(listSql(variant, first));
    expect(plan).toHaveLength(1);
    expect(plan[0]).toMatch(
      /^SEARCH orders USING INDEX orders_\w+ \(owner=\?.* AND created_at>\? AND created_at<\?\)$/,
    );
  });

  test.each(FIRSTS)('a page of a search, %s first, is read from the terms in order', (first) => {
    const plan = planOf(termSql(first));
    expect(plan).toHaveLength(1);
    expect(plan[0]).toMatch(
      /^SEARCH order_terms USING PRIMARY KEY \(owner=\? AND term=\? AND status=\? AND .*created_at/,
    );
    expect(planOf(openTextSql(first))[0]).toMatch(
      /^SEARCH orders USING INDEX orders_open \(owner=\? AND created_at>\? AND created_at<\?\)$/,
    );
    // The few orders whose id begins so are sorted.
    expect(planOf(idPrefixSql(first))[0]).toMatch(
      /^SEARCH orders USING INDEX sqlite_autoindex_orders_1 \(id>\? AND id<\?\)$/,
    );
    expect(planOf(BY_NUMBERS_SQL)[0]).toBe('SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)');
  });

  test('counts read the kept counts of the owner and the open orders', () => {
    const plan = planOf(COUNTS_SQL);
    expect(plan).toContain('SEARCH order_counts USING PRIMARY KEY (owner=?)');
    expect(plan).toContainEqual(
      expect.stringMatching(/^SEARCH orders USING INDEX orders_open \(owner=\?\)$/),
    );
  });

  test('an ended status and a clientOrderId are looked up, not filtered', () => {
    expect(planOf(listSql('ended', 'newest'))[0]).toContain('(owner=? AND status=? AND');
    expect(planOf(listSql('clientId', 'newest'))[0]).toContain('(owner=? AND client_order_id=? AND');
    expect(planOf(listSql('endedClientId', 'newest'))[0]).toContain(
      '(owner=? AND client_order_id=? AND status=? AND',
    );
  });

  test('counting open orders reads an index of open orders alone', () => {
    expect(planOf(COUNT_OPEN_SQL)).toEqual(['SCAN orders USING COVERING INDEX orders_open']);
  });

  test('due orders are found by their time and by their worker', () => {
    const plan = planOf(DUE_SQL);
    expect(plan).toContainEqual(expect.stringContaining('USING INDEX orders_due (wake_at<?)'));
    expect(plan).toContainEqual(expect.stringContaining('USING INDEX orders_running (worker=?)'));
    expect(plan).toContainEqual(
      expect.stringMatching(/SEARCH orders USING COVERING INDEX orders_running \(worker>\?\)/),
    );
    // The index holds nothing but held orders.
    const scans = plan.filter(
      (step) => step.startsWith('SCAN orders') && !step.includes('INDEX orders_held'),
    );
    expect(scans).toEqual([]);
  });

  test("what changed is read from the end of the journal, and the owner's open orders from their index", () => {
    const plan = planOf(CHANGED_SQL);
    expect(plan).toContain('SEARCH journal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)');
    expect(plan).toContain('SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)');
    expect(planOf(OPEN_ORDERS_SQL)).toEqual([
      expect.stringMatching(/^SEARCH orders USING (COVERING )?INDEX orders_open \(owner=\?\)$/),
    ]);
  });

  test.each([
    ['a claim', CLAIM_SQL],
    ['the last row of the journal', LAST_ROW_SQL],
    ['a row of the journal', ROW_SQL],
    ['a page of the journal', READ_SQL],
    ['last seqs', LAST_SEQS_SQL],
    ['waiting commands', WAITING_SQL],
    ['what a worker runs', RUN_BY_SQL],
    ['an account with its open reservations', READ_ACCOUNT_SQL],
    ['the reservation of an owner', FIND_RESERVATION_SQL],
    ['the attempts of a reservation', ATTEMPTS_SQL],
    ['the new base of an account', RETIRE_CLOSED_SQL],
    ['the total of a day', DAY_TOTAL_SQL],
    ['what was added to it', DAY_ADDED_SQL],
    ['forgetting old totals', FORGET_TOTALS_SQL],
    ['forgetting what was added to them', FORGET_ADDITIONS_SQL],
  ])('%s scans no table and sorts nothing', (_, sql) => {
    const plan = planOf(sql);
    expect(plan.length).toBeGreaterThan(0);
    // The few hashes of one reservation may be sorted.
    const costly = /SCAN (?!json_each)|TEMP B-TREE (?!FOR json_group_array)/;
    expect(plan.filter((step) => costly.test(step))).toEqual([]);
  });
});
