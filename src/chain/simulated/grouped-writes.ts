/**
 * One commit for all the changes of an event-loop turn: the disk is synchronised once for them. A file that another
 * process holds is tried again after a jittered pause, without blocking the event loop.
 */
import { sleep, type Random } from '../../runtime/time.ts';
import type { LedgerFile } from './ledger-file.ts';

interface Waiting {
  /** Runs the change; what it gives back tells the caller, once the commit is durable. */
  readonly run: () => () => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  tries: number;
}

/** About four seconds in all. */
const MAX_TRIES = 250;
const PAUSE_MS = { least: 2, jitter: 28 };

/** By its code: the driver's native part throws the class of whichever copy of it was loaded first. */
export function isBusy(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return typeof thrown.code === 'string' && thrown.code.startsWith('SQLITE_BUSY');
}

/** Repeats a read that met a file under recovery by another process. */
export async function readPatiently<T>(read: () => T, random: Random): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return read();
    } catch (thrown) {
      if (!isBusy(thrown) || tries >= MAX_TRIES) throw thrown;
      await sleep(pauseMs(random));
    }
  }
}

export class GroupedWrites {
  readonly #random: Random;
  readonly #begin: () => void;
  readonly #commit: () => void;
  readonly #rollback: () => void;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(db: LedgerFile, random: Random) {
    this.#random = random;
    const [begin, commit, rollback] = [
      db.prepare('BEGIN IMMEDIATE'),
      db.prepare('COMMIT'),
      db.prepare('ROLLBACK'),
    ];
    this.#begin = () => void begin.run();
    this.#commit = () => void commit.run();
    this.#rollback = () => {
      if (db.inTransaction) rollback.run();
    };
  }

  /**
   * Resolves once the change is durable. The change may run more than once, so it does nothing but read and write the
   * file; one that throws is undone alone. One whose signal has aborted by then does not run.
   */
  write<T>(change: () => T, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = () => {
        const value = change();
        return () => resolve(value);
      };
      this.#waiting.push({ run, reject, signal, tries: 0 });
      this.#schedule();
    });
  }

  /** Resolves when nothing that was begun is still waiting. */
  async drained(): Promise<void> {
    while (this.#waiting.length > 0) {
      this.#flush();
      if (this.#waiting.length > 0) await sleep(pauseMs(this.#random));
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#waiting;
    this.#waiting = [];
    const wanted = batch.filter(({ signal, reject }) => {
      if (signal?.aborted !== true) return true;
      reject(signal.reason);
      return false;
    });
    if (wanted.length > 0) this.#write(wanted);
  }

  #write(batch: readonly Waiting[]): void {
    try {
      this.#begin();
    } catch (thrown) {
      this.#postpone(batch, thrown);
      return;
    }
    try {
      const told = batch.map(({ run }) => run());
      this.#commit();
      for (const tell of told) tell();
    } catch (thrown) {
      this.#rollback();
      // One bad change must not undo its neighbours.
      if (batch.length > 1) for (const each of batch) this.#write([each]);
      else batch[0]?.reject(thrown);
    }
  }

  #postpone(batch: readonly Waiting[], thrown: unknown): void {
    for (const each of batch) {
      each.tries += 1;
      if (isBusy(thrown) && each.tries < MAX_TRIES) this.#waiting.push(each);
      else each.reject(thrown);
    }
    if (this.#waiting.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => this.#flush(), pauseMs(this.#random));
  }
}

function pauseMs(random: Random): number {
  return PAUSE_MS.least + random() * PAUSE_MS.jitter;
}
