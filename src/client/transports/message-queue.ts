/** What a connection pushes and a loop pulls. It is bounded: a reader that does not pull loses the connection, and resumes. */
import { Lost } from './transport.ts';

const MOST = 2_000;

export class MessageQueue<Item> {
  readonly #items: Item[] = [];
  #end: { readonly error: Error | null } | null = null;
  #wake: (() => void) | null = null;

  /** Ends the queue with Lost when it is full: the reader gets what is in it, then resumes after that. */
  push(item: Item): void {
    if (this.#end !== null) return;
    this.#items.push(item);
    if (this.#items.length >= MOST) this.end(new Lost(`${MOST} messages wait to be read`));
    this.#wake?.();
  }

  /** After what is in it: null returns, an error is thrown. The first end counts. */
  end(error: Error | null): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *read(): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) yield item;
      if (this.#end !== null) {
        if (this.#end.error !== null) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }
}

/** Calls `onSilent` once `restart` was not called for that long. */
export function silenceTimer(silenceMs: number, onSilent: () => void): { restart(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => clearTimeout(timer);
  const restart = (): void => {
    stop();
    timer = setTimeout(onSilent, silenceMs);
  };
  restart();
  return { restart, stop };
}
