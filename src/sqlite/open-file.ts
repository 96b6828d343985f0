import Database from 'better-sqlite3';

/** Opens or makes the file. A lock is not waited for: SQLite would block the event loop. See lock-patience.ts. */
export function openFile(file: string): Database.Database {
  return new Database(file, { timeout: 0 });
}

/** Opens a file that exists, for reading. @param waitMs how long a lock may block the event loop */
export function openForReading(file: string, waitMs: number): Database.Database {
  return new Database(file, { readonly: true, timeout: waitMs });
}

/**
 * Opens or makes a file with a write-ahead log, whose commits survive a power failure.
 * @param prepare the rest of the opening; the file is closed when it throws
 * @param options `pageSize` in bytes, for a new file; `waitMs`: how long a lock may block the event loop while the file is opened
 */
export function openDurableFile<T>(
  file: string,
  prepare: (db: Database.Database) => T,
  { pageSize, waitMs = 0 }: { readonly pageSize?: number; readonly waitMs?: number } = {},
): { readonly db: Database.Database; readonly prepared: T } {
  const db = new Database(file, { timeout: waitMs });
  try {
    if (pageSize !== undefined) db.pragma(`page_size = ${pageSize}`);
    // Readers and the writer do not wait for each other.
    const mode = db.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal') throw new Error(`${db.name}: no write-ahead log here (journal mode ${String(mode)})`);
    // A commit returns after its fsync: with less, a power failure takes back what was acknowledged.
    db.pragma('synchronous = FULL');
    const prepared = prepare(db);
    db.pragma('busy_timeout = 0');
    return { db, prepared };
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}
