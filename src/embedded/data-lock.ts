import Database from 'better-sqlite3';

/**
 * Who owns a data folder. The lock is SQLite's on a file of its own, held in a transaction that never ends: the kernel
 * lets it go when the process dies, however it dies, so that there is no stale lock and no pid to mistake.
 */
export class DataLock {
  readonly #db: Database.Database;
  #isHeld = false;

  /** @param file is created where it is missing */
  constructor(file: string) {
    this.#db = new Database(file, { timeout: 0 });
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** False: another process holds it. */
  tryTake(): boolean {
    if (this.#isHeld) return true;
    try {
      this.#db.exec('BEGIN EXCLUSIVE');
      this.#isHeld = true;
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    return this.#isHeld;
  }

  release(): void {
    this.#isHeld = false;
    this.#db.close();
  }
}

/** By its code: the class of the error is another where the native module was loaded by two module registries. */
function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_BUSY');
}
