import { setTimeout as sleep } from 'node:timers/promises';
import { withTimeout } from '../../src/runtime/timeout.ts';

/** Between two polls: a twentieth of what it has waited, within these bounds. Polls of a server take CPU time from what they wait for. */
const LEAST_MS = 10;
const MOST_MS = 50;

/**
 * Polls until `holds` is true of what `read` gives.
 * @throws Error after `withinMs`, with the condition and the last value; TimeoutError when `read` gives no answer
 */
export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  holds: (value: Value) => boolean,
  withinMs = 10_000,
): Promise<Value> {
  const from = performance.now();
  const until = from + withinMs;
  for (;;) {
    const leftMs = Math.max(until - performance.now(), 0);
    const value = await withTimeout(Promise.resolve(read()), leftMs + 1_000, `the answer of ${textOf(read)}`);
    if (holds(value)) return value;
    if (performance.now() > until) {
      throw new Error(
        `after ${withinMs} ms not yet ${textOf(holds)}; the last value is ${JSON.stringify(value).slice(0, 500)}`,
      );
    }
    await sleep(Math.min(Math.max((performance.now() - from) / 20, LEAST_MS), MOST_MS));
  }
}

/** The code itself describes best what is waited for. */
function textOf(part: (...args: never[]) => unknown): string {
  return part === Boolean ? 'true' : `\`${part.toString().replace(/\s+/g, ' ').slice(0, 200)}\``;
}
