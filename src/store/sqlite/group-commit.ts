/**
 * Many writes, one fsync: what is written in one turn of the event loop shares one transaction, and no caller hears of
 * its write before the COMMIT. Under load a turn is as long as the fsync before it, so that batches grow by themselves.
 *
 * A write that throws spoils its batch: the batch is rolled back and each of its writes gets a transaction of its own, so
 * that the bad one fails alone. While another process holds the lock, writes wait in order; later ones join them.
 */
import type Database from 'better-sqlite3';
import type { PassCrashPoint } from '../../crash-points.ts';
import { isLocked, isUnavailable, lockedTooLong, toStoreError } from './failures.ts';
import { lockDelayMs, type LockPatience } from './lock-patience.ts';
import { PendingWrite, type AnyPendingWrite } from './pending-write.ts';

/** Bounds how long one batch keeps the event loop. */
const MOST_WRITES_A_BATCH = 256;

export class GroupCommit {
  readonly #db: Database.Database;
  readonly #patience: LockPatience;
  readonly #passCrashPoint: PassCrashPoint;
  readonly #begin: Database.Statement<[]>;
  readonly #commit: Database.Statement<[]>;
  readonly #rollback: Database.Statement<[]>;
  #waiting: AnyPendingWrite[] = [];
  #scheduled = false;
  #lockedForMs = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(db: Database.Database, patience: LockPatience, passCrashPoint: PassCrashPoint) {
    this.#db = db;
    this.#patience = patience;
    this.#passCrashPoint = passCrashPoint;
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
    this.#passCrashPoint('store.committing');
    this.#commit.run();
    this.#passCrashPoint('store.committed');
  }

  #recover(batch: readonly AnyPendingWrite[], thrown: unknown): void {
    if (isLocked(thrown)) this.#waitForLock(thrown);
    else if (isUnavailable(thrown) || batch.length === 1) {
      this.#fail(batch, toStoreError(this.#patience.file, thrown));
    } else {
      for (const write of batch) write.alone = true;
      this.#goOn();
    }
  }

  #waitForLock(thrown: unknown): void {
    const { file, limitMs, random } = this.#patience;
    if (this.#lockedForMs >= limitMs) {
      this.#lockedForMs = 0;
      this.#fail([...this.#waiting], lockedTooLong(file, limitMs, thrown));
      return;
    }
    const delayMs = lockDelayMs(random);
    this.#lockedForMs += delayMs;
    this.#scheduled = true;
    setTimeout(this.#flush, delayMs);
  }

  #fail(batch: readonly AnyPendingWrite[], reason: unknown): void {
    this.#drop(batch);
    for (const write of batch) write.fail(reason);
    this.#goOn();
  }

  /** The longest beginning of the queue that may share a transaction. */
  #nextBatch(): readonly AnyPendingWrite[] {
    if (this.#waiting[0]?.alone === true) return this.#waiting.slice(0, 1);
    return this.#waiting.length <= MOST_WRITES_A_BATCH
      ? this.#waiting
      : this.#waiting.slice(0, MOST_WRITES_A_BATCH);
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
