/** Larger batches would hold up Redis and the hearers. */
export const HINTS_A_BATCH = 200;

/** What one turn of the event loop has gathered goes out together, in as few messages as may be. */
export class HintBatch<Hint> {
  readonly #send: (hints: readonly Hint[]) => void;
  #hints: Hint[] = [];
  #flushing: NodeJS.Immediate | null = null;

  constructor(send: (hints: readonly Hint[]) => void) {
    this.#send = send;
  }

  add(hint: Hint): void {
    this.#hints.push(hint);
    this.#flushing ??= setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#flushing !== null) clearImmediate(this.#flushing);
    this.#flushing = null;
    const hints = this.#hints;
    this.#hints = [];
    for (let sent = 0; sent < hints.length; sent += HINTS_A_BATCH) {
      this.#send(hints.slice(sent, sent + HINTS_A_BATCH));
    }
  }
}
