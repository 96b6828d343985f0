import { withTimeout } from '../../src/runtime/timeout.ts';

/**
 * What is waited for, as long as it comes well before the test's own time is over.
 * @throws TimeoutError that says what it was
 */
export function soon<Answer>(what: string, answer: Promise<Answer>, withinMs = 5_000): Promise<Answer> {
  return withTimeout(answer, withinMs, what);
}
