/**
 * How far one order's journal was passed on by this server. Only the next `seq` moves it; where entries are missing it reads the journal.
 * So each entry is passed on once and in order, also when notifications are lost, repeated or out of order.
 */
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { Journal } from '../../store/ports.ts';

const PAGE_ENTRIES = 100;

export interface JournalCursorDeps {
  readonly journal: Pick<Journal, 'read'>;
  /** The next entry; the cursor still stands before it. What this throws keeps the cursor there. */
  readonly beforeEntry?: (message: JournaledMessage) => void;
  readonly onEntry: (message: JournaledMessage) => void;
  /** A read of the journal failed; the next quiet check repeats it. */
  readonly onReadFailed: (thrown: unknown) => void;
}

export class JournalCursor {
  readonly orderId: string;
  readonly #deps: JournalCursorDeps;
  /** Null until the order was read: entries are noted, and not passed on. */
  #seq: number | null;
  /** The highest `seq` that a notification or a read named. */
  #highestSeq = 0;
  #notifiedSinceCheck = true;
  #reading: Promise<void> | null = null;
  #closed = false;

  constructor(orderId: string, seq: number | null, deps: JournalCursorDeps) {
    this.orderId = orderId;
    this.#seq = seq;
    this.#deps = deps;
  }

  get seq(): number {
    return this.#seq ?? 0;
  }

  /** Entries up to here are not passed on. */
  moveTo(seq: number): void {
    this.#seq = seq;
  }

  /** An entry from a notification, or one that was read from the journal. */
  offer(message: JournaledMessage): void {
    this.#notifiedSinceCheck = true;
    if (this.#seq !== null && message.seq === this.seq + 1) this.#pass(message);
    else this.noteSeq(message.seq);
  }

  /** The journal reaches this far, as a notification or a read says. */
  noteSeq(seq: number): void {
    this.#highestSeq = Math.max(this.#highestSeq, seq);
    if (this.isBehind) this.catchUp().catch(this.#deps.onReadFailed);
  }

  get isBehind(): boolean {
    return this.#seq !== null && this.#highestSeq > this.#seq;
  }

  /** Whether there was no notification since the last check, or entries that were named are still to be read. */
  checkQuiet(): boolean {
    const quiet = !this.#notifiedSinceCheck || this.isBehind;
    this.#notifiedSinceCheck = false;
    return quiet;
  }

  /** Reads the journal to its end. Calls that come meanwhile share the same reading. */
  catchUp(): Promise<void> {
    this.#reading ??= this.#readToEnd().finally(() => (this.#reading = null));
    return this.#reading;
  }

  /** The result of a read that still runs is dropped. */
  close(): void {
    this.#closed = true;
  }

  async #readToEnd(): Promise<void> {
    for (;;) {
      const highestSeq = this.#highestSeq;
      const entries = await this.#deps.journal.read(this.orderId, this.seq, PAGE_ENTRIES);
      if (this.#closed) return;
      for (const { message } of entries) if (message.seq === this.seq + 1) this.#pass(message);
      if (entries.length === PAGE_ENTRIES) continue;
      if (!this.isBehind) return;
      if (entries.length === 0 && this.#highestSeq === highestSeq) {
        // The notification that named a higher seq was wrong, or this read lags: the next quiet check reads again.
        this.#highestSeq = this.seq;
        this.#notifiedSinceCheck = false;
        return;
      }
    }
  }

  #pass(message: JournaledMessage): void {
    this.#deps.beforeEntry?.(message);
    this.#seq = message.seq;
    this.#deps.onEntry(message);
  }
}
