import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadGenerator, Watched } from '../load.ts';

/** All orders at once, as fast as they are accepted. Resolves with their ids when all are confirmed. */
export function atOnce(load: LoadGenerator, orders: number): Promise<readonly string[]> {
  return idsOf(Array.from({ length: orders }, () => load.run()));
}

/** Orders at a steady rate, each started on time even if earlier ones have not ended. */
export async function steadily(
  load: LoadGenerator,
  perSecond: number,
  seconds: number,
): Promise<readonly string[]> {
  const startedAt = performance.now();
  const runs: Promise<Watched>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    await sleep(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()));
    runs.push(load.run());
  }
  return idsOf(runs);
}

async function idsOf(runs: readonly Promise<Watched>[]): Promise<readonly string[]> {
  return (await Promise.all(runs)).map(({ orderId }) => orderId);
}
