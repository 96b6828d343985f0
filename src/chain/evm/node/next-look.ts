import { untilAborted } from '../../../runtime/abort.ts';
import { sleep } from '../../../runtime/time.ts';

/** Between two looks where a look is always due. */
const SHORTEST_PAUSE_MS = 10;

interface Upcoming {
  readonly look: Promise<unknown>;
  /** Looks at once. */
  readonly wake: () => void;
  readonly cancel: AbortController;
  waiting: number;
}

/** The next look at the chain, shared by all that wait for a block. Where none waits there is no look. */
export class NextLook {
  readonly #look: () => Promise<unknown>;
  readonly #dueIn: () => number;
  #upcoming: Upcoming | null = null;

  /** @param dueIn milliseconds until a look is worth a request */
  constructor(look: () => Promise<unknown>, dueIn: () => number) {
    this.#look = look;
    this.#dueIn = dueIn;
  }

  /** Those that wait look at once. */
  wake(): void {
    this.#upcoming?.wake();
  }

  /** Resolves after the look. @throws what the look throws; the signal's reason */
  async wait(signal: AbortSignal): Promise<void> {
    const upcoming = (this.#upcoming ??= this.#plan());
    upcoming.waiting += 1;
    try {
      await untilAborted(upcoming.look, signal);
    } finally {
      upcoming.waiting -= 1;
      // Forgotten first: one that comes now plans its own.
      if (upcoming.waiting === 0) {
        if (this.#upcoming === upcoming) this.#upcoming = null;
        upcoming.cancel.abort();
      }
    }
  }

  #plan(): Upcoming {
    const cancel = new AbortController();
    const pause = Math.max(this.#dueIn(), SHORTEST_PAUSE_MS);
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => (wake = resolve));
    const look = Promise.race([sleep(pause, cancel.signal), woken])
      .finally(() => cancel.abort())
      .then(() => this.#look())
      .finally(() => {
        if (this.#upcoming?.cancel === cancel) this.#upcoming = null;
      });
    // Those that wait get the failure; after the last one has gone there is none to get it.
    look.catch(() => undefined);
    return { look, wake, cancel, waiting: 0 };
  }
}
