/** Values by id, each read again once it is older than a bound: what another process changes is seen within that time. */
export class RecentReads<Value> {
  readonly #read: (id: string) => Promise<Value>;
  readonly #maxAgeMs: number;
  readonly #maxEntries: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, { readonly value: Promise<Value>; readonly at: number }>();

  /** @param now milliseconds that no clock sets back */
  constructor(
    read: (id: string) => Promise<Value>,
    { maxAgeMs, maxEntries, now }: { maxAgeMs: number; maxEntries: number; now: () => number },
  ) {
    this.#read = read;
    this.#maxAgeMs = maxAgeMs;
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /** Calls that come at once share one read. A read that fails is not kept. */
  get(id: string): Promise<Value> {
    const now = this.#now();
    const known = this.#entries.get(id);
    if (known !== undefined && now - known.at < this.#maxAgeMs) return known.value;
    this.#entries.delete(id);
    const value = this.#read(id);
    const entry = { value, at: now };
    this.#entries.set(id, entry);
    value.catch(() => {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
    });
    // A Map keeps the order of insertion: the first is the oldest.
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) break;
      this.#entries.delete(oldest);
    }
    return value;
  }
}
