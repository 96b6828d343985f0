/** Counting semaphore: at most `permits` are taken at a time. Waiting callers get a permit in the order in which they came. */
export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #available: number;

  constructor(permits: number) {
    this.#available = permits;
  }

  /** Permits that can be had at once. */
  get available(): number {
    return this.#available;
  }

  /** Resolves once a permit is taken. */
  async acquire(): Promise<void> {
    if (this.tryAcquire()) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** False: none is available. */
  tryAcquire(): boolean {
    if (this.#available === 0) return false;
    this.#available -= 1;
    return true;
  }

  /** Gives a permit back: to the first that waits, if any. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#available += 1;
    else next();
  }

  /** Runs `act` with a permit. */
  async run<Result>(act: () => Promise<Result>): Promise<Result> {
    await this.acquire();
    try {
      return await act();
    } finally {
      this.release();
    }
  }
}
