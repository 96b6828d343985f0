/**
 * Many writes, one fsync: what is written in one turn of the event loop shares one transaction, and no write is answered before
 * the COMMIT. Under load a turn is as long as the fsync before it, so that batches grow by themselves.
 *
 * A write that throws makes its batch fail: the batch is rolled back and each of its writes gets a transaction of its own, so
 * that the bad one fails alone. While another process holds the lock, writes wait in order; later ones join them.
 *
 * Not a MicroBatcher: a batch is one synchronous transaction, and a lock makes it wait at the head of the queue, not in flight.
 */
import type Database from 'better-sqlite3';
import { isLocked, isUnavailable, LockTimeout } from './errors.ts';
import { lockDelayMs, type LockPatience } from './lock-patience.ts';
import { PendingWrite, type AnyPendingWrite } from './pending-write.ts';

/** Bounds how long one batch keeps the event loop. */
const MAX_BATCH = 256;

export interface GroupCommitOptions {
  /** Before each COMMIT. */
  readonly committing?: () => void;
  /** After each COMMIT, before its writes are answered. */
  readonly committed?: () => void;
  /** What callers get in place of what was thrown: SQLite's error, LockTimeout, or an error of the write itself. */
  readonly toError?: (thrown: unknown) => unknown;
}

export class GroupCommit {
  readonly #db: Database.Database;
  readonly #patience: LockPatience;
  readonly #options: GroupCommitOptions;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  readonly #rollback: Database.Statement<[]>;
  #waiting: AnyPendingWrite[] = [];
  #scheduled = false;
  #lockedForMs = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(db: Database.Database, patience: LockPatience, options: GroupCommitOptions = {}) {
    this.#db = db;
    this.#patience = patience;
    this.#options = options;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
  }

  /**
   * Resolves with what `change` returned once that is durable. `change` may run more than once: each run but the last is
   * rolled back.
   */
  write<T>(change: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(new PendingWrite(change, resolve, reject));
      this.#schedule();
    });
  }

  /** Resolves when no write waits. */
  emptied(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const batch = this.#nextBatch();
    try {
      this.#apply(batch);
    } catch (thrown) {
      this.#undo();
      this.#recover(batch, thrown);
      return;
    }
    this.#lockedForMs = 0;
    this.#drop(batch);
    for (const write of batch) write.acknowledge();
    this.#goOn();
  };

  #apply(batch: readonly AnyPendingWrite[]): void {
    this.#begin.run();
    for (const write of batch) write.apply();
    this.#options.committing?.();
    this.#commit.run();
    this.#options.committed?.();
  }

  #recover(batch: readonly AnyPendingWrite[], thrown: unknown): void {
    if (isLocked(thrown)) this.#waitForLock(thrown);
    else if (isUnavailable(thrown) || batch.length === 1) {
      this.#fail(batch, thrown);
    } else {
      for (const write of batch) write.alone = true;
      this.#goOn();
    }
  }

  #waitForLock(thrown: unknown): void {
    const { file, limitMs, random } = this.#patience;
    if (this.#lockedForMs >= limitMs) {
      this.#lockedForMs = 0;
      this.#fail([...this.#waiting], new LockTimeout(file, limitMs, { cause: thrown }));
      return;
    }
    const delayMs = lockDelayMs(random);
    this.#lockedForMs += delayMs;
    this.#scheduled = true;
    setTimeout(this.#flush, delayMs);
  }

  #fail(batch: readonly AnyPendingWrite[], thrown: unknown): void {
    const reason = this.#options.toError?.(thrown) ?? thrown;
    this.#drop(batch);
    for (const write of batch) write.fail(reason);
    this.#goOn();
  }

  /** The longest beginning of the queue that may share a transaction. */
  #nextBatch(): readonly AnyPendingWrite[] {
    if (this.#waiting[0]?.alone === true) return this.#waiting.slice(0, 1);
    return this.#waiting.length <= MAX_BATCH ? this.#waiting : this.#waiting.slice(0, MAX_BATCH);
  }

  #drop(batch: readonly AnyPendingWrite[]): void {
    this.#waiting = batch === this.#waiting ? [] : this.#waiting.slice(batch.length);
  }

  #goOn(): void {
    if (this.#waiting.length > 0) {
      this.#schedule();
      return;
    }
    const whenEmpty = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of whenEmpty) resolve();
  }

  /** SQLite rolls back by itself after some errors. */
  #undo(): void {
    if (this.#db.inTransaction) this.#rollback.run();
  }
}
