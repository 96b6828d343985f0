const WITHIN_MS = 10_000;

/**
 * A signal for what waits for something outside: it aborts before the test's own time is over.
 * @param what is waited for, as the error is to say it
 */
export function boundedSignal(what: string, withinMs = WITHIN_MS): AbortSignal {
  const late = new AbortController();
  const abort = (): void => late.abort(new Error(`${what} did not come within ${withinMs} ms`));
  setTimeout(abort, withinMs).unref();
  return late.signal;
}
