/** Runs sweeps one after the other: at intervals, soon, or at once; and says what went wrong once, not each time. */
import type { Logger } from 'pino';
import { every, type Clock } from '../../runtime/time.ts';

/** Between sweeps that an entry of an unknown order asks for. */
const EARLY_SWEEP_MS = 100;

export interface SweepsDeps {
  readonly sweep: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export class Sweeps {
  readonly #deps: SweepsDeps;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #early: NodeJS.Timeout | null = null;
  #endedAt = 0;
  #storeAnswers = true;
  #stop: () => Promise<void> = () => Promise.resolve();

  constructor(deps: SweepsDeps) {
    this.#deps = deps;
  }

  start(intervalMs: number): void {
    this.#stop = every(
      intervalMs,
      () => this.run(),
      (thrown) => this.failed(thrown),
    );
  }

  /** Calls that come meanwhile share the next one: it resolves once a sweep that began after the call has ended. */
  run(): Promise<void> {
    if (this.#running === null) return this.#begin();
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#running ?? this.#begin();
      });
    return this.#next;
  }

  runSoon(): void {
    if (this.#early !== null) return;
    const sinceLastMs = this.#deps.clock.now() - this.#endedAt;
    this.#early = setTimeout(
      () => {
        this.#early = null;
        this.run().catch((thrown: unknown) => this.failed(thrown));
      },
      Math.min(EARLY_SWEEP_MS, Math.max(0, EARLY_SWEEP_MS - sinceLastMs)),
    );
  }

  failed(thrown: unknown): void {
    if (this.#storeAnswers) this.#deps.log.warn({ err: thrown }, 'it cannot be read which orders moved');
    this.#storeAnswers = false;
  }

  async close(): Promise<void> {
    if (this.#early !== null) clearTimeout(this.#early);
    await this.#stop();
    await this.#running?.catch(() => undefined);
  }

  #begin(): Promise<void> {
    this.#running = this.#sweep().finally(() => {
      this.#running = null;
      this.#endedAt = this.#deps.clock.now();
    });
    return this.#running;
  }

  async #sweep(): Promise<void> {
    await this.#deps.sweep();
    if (!this.#storeAnswers) this.#deps.log.info({}, 'it can be read again which orders moved');
    this.#storeAnswers = true;
  }
}
