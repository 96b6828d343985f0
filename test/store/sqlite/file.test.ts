import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../../../src/store/ports.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { advanced, created } from '../../contracts/order-store/order-store-samples.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

let dir: TempDir;
let file: string;
beforeEach(() => {
  dir = tempDir();
  file = join(dir.path, 'deeper', 'orders.sqlite');
});
afterEach(() => dir.remove());

describe('the file of a SQLite store', () => {
  test('is made with its folder, and keeps its orders from one opening to the next', async () => {
    const first = await openSqliteStore({ file });
    const { orderId } = await created(first);
    const order = await advanced(first, orderId);
    await first.close();

    const second = await openSqliteStore({ file });
    expect(await second.orders.load(orderId)).toEqual(order);
    expect(await second.journal.read(orderId, 0, 10)).toHaveLength(2);
    await second.close();
  });

  test('is refused, untouched, when a newer release wrote it', async () => {
    await (await openSqliteStore({ file })).close();
    const db = new Database(file);
    db.pragma('user_version = 99');

    await expect(openSqliteStore({ file })).rejects.toThrow(/schema 99.*knows 1 to \d+/);
    expect(db.pragma('user_version', { simple: true })).toBe(99);
    db.close();
  });

  test('is unavailable, with its path in the message, when it is not a database', async () => {
    const notes = join(dir.path, 'notes.txt');
    writeFileSync(notes, 'This is not a database. '.repeat(1000));
    const opening = openSqliteStore({ file: notes });
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(/notes\.txt.*SQLITE_NOTADB/);
  });

  test('is unavailable, with its path in the message, where it cannot be made', async () => {
    writeFileSync(join(dir.path, 'deeper'), 'a file where a folder should be');
    const opening = openSqliteStore({ file });
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(/orders\.sqlite/);
  });
});
