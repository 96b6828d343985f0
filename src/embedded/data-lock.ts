import type Database from 'better-sqlite3';
import { isLocked } from '../sqlite/errors.ts';
import { openFile } from '../sqlite/open-file.ts';

/**
 * Says which process owns a data folder. The lock is SQLite's on a file of its own, held in a transaction that never ends: the
 * kernel releases it when the process dies, however it dies, so that there is no stale lock and no pid to mistake.
 */
export class DataLock {
  readonly #db: Database.Database;
  #isHeld = false;

  /** @param file is created where it is missing */
  constructor(file: string) {
    this.#db = openFile(file);
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
    } catch (thrown) {
      if (!isLocked(thrown)) throw thrown;
    }
    return this.#isHeld;
  }

  release(): void {
    this.#isHeld = false;
    this.#db.close();
  }
}
