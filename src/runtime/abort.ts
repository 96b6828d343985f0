/** The signal's reason, as an error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}

/**
 * Calls `onAbort` once when the signal aborts; at once where it has. A signal outlives most of what waits for it, so that every
 * caller must stop listening when it no longer waits.
 * @returns stops listening
 */
export function onceAborted(signal: AbortSignal, onAbort: (reason: Error) => void): () => void {
  if (signal.aborted) {
    onAbort(abortReason(signal));
    return () => undefined;
  }
  const listener = (): void => onAbort(abortReason(signal));
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** The answer, or the signal's reason as soon as it aborts. The work behind the answer goes on: it may serve several callers. */
export async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stopListening = onceAborted(signal, reject);
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    stopListening();
  }
}
