/** A write that waits for its transaction: applied in it, then acknowledged or failed once it has ended. */
export class PendingWrite<T> {
  /** Its batch failed: it gets a transaction of its own. */
  alone = false;
  readonly #change: () => T;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;
  #result: { readonly value: T } | null = null;

  constructor(change: () => T, resolve: (value: T) => void, reject: (reason: unknown) => void) {
    this.#change = change;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  apply(): void {
    this.#result = { value: this.#change() };
  }

  acknowledge(): void {
    if (this.#result !== null) this.#resolve(this.#result.value);
  }

  fail(reason: unknown): void {
    this.#reject(reason);
  }
}

export type AnyPendingWrite = Pick<PendingWrite<unknown>, 'alone' | 'apply' | 'acknowledge' | 'fail'>;
