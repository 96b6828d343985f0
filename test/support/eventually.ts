import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until `holds` is true of what `read` gives. @throws Error with the last value after `withinMs` */
export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  holds: (value: Value) => boolean,
  withinMs = 10_000,
): Promise<Value> {
  const until = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > until) {
      throw new Error(`still not so after ${withinMs} ms: ${JSON.stringify(value).slice(0, 500)}`);
    }
    await sleep(10);
  }
}
