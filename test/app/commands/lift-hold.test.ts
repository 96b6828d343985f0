import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { runLiftHold } from '../../../src/app/commands/lift-hold.ts';
import { OperatorError } from '../../../src/operator-error.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { dataFiles } from '../../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { created, parked } from '../../contracts/order-store/order-store-samples.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

const HOLD = { code: 'unreadable_order', message: 'Why' };

let dir: TempDir;
let dataDir: string;
beforeEach(() => {
  dir = tempDir();
  dataDir = join(dir.path, 'data');
});
afterEach(() => dir.remove());

async function liftHold(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  await runLiftHold(args, readConfig({ DATA_DIR: dataDir }), (line) => lines.push(line));
  return lines;
}

async function withHeld(count: number): Promise<string[]> {
  await liftHold(); // makes the folder
  const store = await openSqliteStore({ file: dataFiles(dataDir).orders });
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const { orderId, version } = await created(store);
    await store.work.hold(orderId, version, HOLD, 'a release');
    ids.push(orderId);
  }
  await parked(store);
  await store.close();
  return ids.sort();
}

test('without arguments it lists what is held, and why', async () => {
  const [orderId] = await withHeld(1);
  expect(await liftHold()).toEqual([`${orderId} pending unreadable_order: Why`, '1 held']);
});

test('it lifts the holds of the orders that are named, and says where there was none', async () => {
  const [one, other] = await withHeld(2);
  expect(await liftHold(one ?? '')).toEqual([`${one} is no longer held`]);
  expect(await liftHold(one ?? '')).toEqual([`${one} was not held`]);
  expect(await liftHold()).toEqual([`${other} pending unreadable_order: Why`, '1 held']);
});

test('--all lifts more holds than a page shows', async () => {
  const ids = await withHeld(103);
  const listed = await liftHold();
  expect(listed.slice(-2)).toEqual([expect.stringContaining(ids[99] ?? ''), '… and 3 more']);
  expect(await liftHold('--all')).toHaveLength(103);
  expect(await liftHold()).toEqual(['0 held']);
});

test('what is not an order id is refused and named', async () => {
  await expect(liftHold('--al')).rejects.toThrow(
    new OperatorError('lift-hold --al: expected order ids (32 characters of a-z and 2-7), or --all'),
  );
});
