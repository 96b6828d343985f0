/** A write on its way: applied in a transaction, then acknowledged or failed once that has ended. */
export class PendingWrite<T> {
  /** Shares its transaction with no other write, because one of its batch was bad. */
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
