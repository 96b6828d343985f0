import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { StoreUnavailable } from '../ports.ts';
import { patiently, type LockPatience } from './lock-patience.ts';
import { migrate } from './migrations.ts';

/**
 * Opens or makes the file, with its folder, at the newest schema.
 * @throws StoreUnavailable; Error when the file's schema is newer than this release
 */
export async function openDatabase(patience: LockPatience): Promise<Database.Database> {
  makeFolderOf(patience.file);
  // timeout 0: a lock that waits inside SQLite blocks the event loop. See lock-patience.ts.
  const db = await patiently(() => new Database(patience.file, { timeout: 0 }), patience);
  try {
    await patiently(() => tune(db), patience);
    await patiently(() => migrate(db), patience);
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function makeFolderOf(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw new StoreUnavailable(`SQLite store ${file}: its folder cannot be made`, { cause });
  }
}

function tune(db: Database.Database): void {
  // Four orders a page: a batch of commits writes fewer pages. Taken by a new file only.
  db.pragma('page_size = 8192');
  // Readers and the writer do not wait for each other.
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw new Error(`${db.name}: no write-ahead log here (journal mode ${String(mode)})`);
  // A commit returns after its fsync: with less, a power failure takes back what was acknowledged.
  db.pragma('synchronous = FULL');
  // The log is cut back after a burst.
  db.pragma('journal_size_limit = 67108864');
  db.pragma('cache_size = -32768');
}
