import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { patiently, type LockPatience } from '../../sqlite/lock-patience.ts';
import { openDurableFile } from '../../sqlite/open-file.ts';
import { StoreUnavailable } from '../ports.ts';
import { toStoreError } from './failures.ts';
import { migrate } from './migrations.ts';

/** Four orders a page: a batch of commits writes fewer pages. */
const PAGE_SIZE = 8_192;

/**
 * Opens or makes the file, with its folder, at the newest schema.
 * @throws StoreUnavailable; Error when the file's schema is newer than this release
 */
export async function openDatabase(patience: LockPatience): Promise<Database.Database> {
  const { file } = patience;
  makeFolderOf(file);
  try {
    const { db } = await patiently(() => openDurableFile(file, prepare, { pageSize: PAGE_SIZE }), patience);
    return db;
  } catch (thrown) {
    throw toStoreError(file, thrown);
  }
}

function makeFolderOf(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw new StoreUnavailable(`SQLite store ${file}: its folder cannot be made`, { cause });
  }
}

function prepare(db: Database.Database): void {
  // The log is cut back after a burst.
  db.pragma('journal_size_limit = 67108864');
  db.pragma('cache_size = -32768');
  migrate(db);
}
