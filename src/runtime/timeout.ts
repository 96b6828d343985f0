export class TimeoutError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = 'TimeoutError';
  }
}

/**
 * The answer, or a `TimeoutError` once `ms` have passed without it. The time is taken in two halves: after a pause of the whole
 * process (a blocked event loop, SIGSTOP) the first timer is late, and the answer that lay waiting is read before the second.
 */
export function withTimeout<Answer>(answer: Promise<Answer>, ms: number, what: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => {
      timer = setTimeout(() => reject(new TimeoutError(what, ms)), ms / 2);
    }, ms / 2);
    answer
      .finally(() => clearTimeout(timer))
      .then(resolve, (thrown: unknown) =>
        reject(thrown instanceof Error ? thrown : new Error(String(thrown))),
      );
  });
}
