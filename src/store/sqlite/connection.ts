import type Database from 'better-sqlite3';
import type { PassCrashPoint } from '../../crash-points.ts';
import type { Clock } from '../../runtime/time.ts';
import { GroupCommit } from '../../sqlite/group-commit.ts';
import { patiently, type LockPatience } from '../../sqlite/lock-patience.ts';
import { StoreUnavailable } from '../ports.ts';
import { toStoreError } from './failures.ts';

/** The one way to the file: every read and write of the store goes through here, so that none runs after `close`. */
export class Connection {
  readonly db: Database.Database;
  readonly clock: Clock;
  readonly #patience: LockPatience;
  readonly #writes: GroupCommit;
  readonly #reads = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(db: Database.Database, clock: Clock, patience: LockPatience, passCrashPoint: PassCrashPoint) {
    this.db = db;
    this.clock = clock;
    this.#patience = patience;
    this.#writes = new GroupCommit(db, patience, {
      committing: () => passCrashPoint('store.committing'),
      committed: () => passCrashPoint('store.committed'),
      toError: (thrown) => toStoreError(patience.file, thrown),
    });
  }

  /** One statement: between two of them another process may write. */
  async read<T>(query: () => T): Promise<T> {
    if (this.#closed !== null) throw this.#isClosed();
    const reading = patiently(query, this.#patience);
    this.#reads.add(reading);
    try {
      return await reading;
    } catch (thrown) {
      throw toStoreError(this.#patience.file, thrown);
    } finally {
      this.#reads.delete(reading);
    }
  }

  /** All statements of `change` in one transaction, shared with other writes; see group-commit.ts. */
  write<T>(change: () => T): Promise<T> {
    return this.#closed === null ? this.#writes.write(change) : Promise.reject(this.#isClosed());
  }

  /** Waits for what was begun. */
  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    await Promise.allSettled([...this.#reads, this.#writes.emptied()]);
    this.db.close();
  }

  #isClosed(): StoreUnavailable {
    return new StoreUnavailable(`SQLite store ${this.#patience.file}: it was closed`);
  }
}
