/** Watches overfull connections until they have drained, or have made no progress for too long. */
import type { Clock } from '../../runtime/time.ts';
import type { Reader } from './reader.ts';

const CHECK_EVERY_MS = 50;

export type Drainable = Pick<Reader, 'bufferedBytes' | 'readProgress'>;

interface Waiting {
  lowestBytes: number;
  progress: string | null;
  readSince: number;
  readonly settle: (drained: boolean) => void;
}

export interface DrainLimits {
  /** A connection that buffers no more than this has drained. */
  readonly lowBytes: number;
  /** How long a connection may make no progress at all. */
  readonly patienceMs: number;
}

export class DrainMonitor<Full extends Drainable> {
  readonly #limits: DrainLimits;
  readonly #clock: Clock;
  readonly #waiting = new Map<Full, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: DrainLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** One call at a time for each. @returns false: it read nothing for too long, or was forgotten */
  whenDrained(full: Full): Promise<boolean> {
    return new Promise((settle) => {
      this.#waiting.set(full, {
        lowestBytes: full.bufferedBytes(),
        progress: full.readProgress(),
        readSince: this.#clock.now(),
        settle,
      });
      this.#timer ??= setInterval(() => this.#check(), CHECK_EVERY_MS);
    });
  }

  forget(full: Full): void {
    this.#settle(full, false);
  }

  #check(): void {
    const now = this.#clock.now();
    for (const [full, waiting] of this.#waiting) {
      const bytes = full.bufferedBytes();
      if (bytes <= this.#limits.lowBytes) {
        this.#settle(full, true);
        continue;
      }
      const progress = full.readProgress();
      if (bytes < waiting.lowestBytes || progress !== waiting.progress) {
        waiting.lowestBytes = Math.min(bytes, waiting.lowestBytes);
        waiting.progress = progress;
        waiting.readSince = now;
      } else if (now - waiting.readSince >= this.#limits.patienceMs) {
        this.#settle(full, false);
      }
    }
  }

  #settle(full: Full, drained: boolean): void {
    const waiting = this.#waiting.get(full);
    if (waiting === undefined) return;
    this.#waiting.delete(full);
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    waiting.settle(drained);
  }
}
