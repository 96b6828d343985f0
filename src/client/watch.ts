/** What `watch` and `watchAll` give: the entries as an async iterator, or passed to a callback. */
import { linkedAbort } from './pause.ts';

/** Iterate over it once. Nothing is connected before. */
export interface Watch<Entry> extends AsyncIterableIterator<Entry> {
  /** Ends it, and with it an iteration that waits. */
  close(): void;
  /** Passes on each entry. @returns when nothing follows, or it was closed @throws what an iteration throws, and what `onEntry` throws */
  each(onEntry: (entry: Entry) => void): Promise<void>;
}

export function openWatch<Entry>(
  follow: (signal: AbortSignal) => AsyncGenerator<Entry, void, undefined>,
  signal: AbortSignal | undefined,
): Watch<Entry> {
  const abort = linkedAbort(signal);
  const entries = follow(abort.signal);
  let isClosed = false;

  async function next(): Promise<IteratorResult<Entry, undefined>> {
    try {
      const result = await entries.next();
      if (result.done !== true) return result;
    } catch (error) {
      if (!isClosed) {
        abort.release();
        throw error;
      }
    }
    abort.release();
    return { done: true, value: undefined };
  }

  function close(): void {
    isClosed = true;
    abort.abort(new Error('the watch was closed'));
    abort.release();
  }

  const watch: Watch<Entry> = {
    next,
    close,
    // Ends at once: the generator's own `return` would wait for the next entry.
    async return() {
      close();
      await entries.return().catch(() => undefined);
      return { done: true, value: undefined };
    },
    async each(onEntry) {
      for await (const entry of watch) onEntry(entry);
    },
    [Symbol.asyncIterator]: () => watch,
  };
  return watch;
}
