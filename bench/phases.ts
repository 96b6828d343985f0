import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedCheck } from '../src/client/feed-check.ts';
import type { Watched } from './load.ts';
import { percentile } from './percentile.ts';

/** What posts orders and watches them. */
export interface Load {
  readonly check: Pick<FeedCheck, 'entries' | 'faults'>;
  /** Resolves when the order has ended. */
  run(): Promise<Watched>;
}

export interface SaturationFigures {
  readonly ordersPerSecond: number;
  readonly entriesPerOrder: number;
  readonly feedFaults: number;
}

export interface ModerateFigures {
  readonly confirmedP50Ms: number;
  readonly confirmedP99Ms: number;
  readonly entryP50Ms: number;
  readonly entryP99Ms: number;
}

/** All orders at once, as fast as they are accepted. */
export async function saturate(load: Load, orders: number): Promise<SaturationFigures> {
  const startedAt = performance.now();
  const entriesBefore = load.check.entries;
  await Promise.all(Array.from({ length: orders }, () => load.run()));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    ordersPerSecond: orders / seconds,
    entriesPerOrder: (load.check.entries - entriesBefore) / orders,
    feedFaults: load.check.faults.length,
  };
}

/** Orders at a steady rate, each started on time even if earlier ones have not ended. */
export async function moderate(load: Load, perSecond: number, seconds: number): Promise<ModerateFigures> {
  const startedAt = performance.now();
  const runs: Promise<Watched>[] = [];
  for (let index = 0; index < perSecond * seconds; index += 1) {
    await sleep(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()));
    runs.push(load.run());
  }
  const watched = await Promise.all(runs);
  const confirmed = watched.map(({ confirmedAfterMs }) => confirmedAfterMs);
  const delays = watched.flatMap(({ entryDelaysMs }) => entryDelaysMs);
  return {
    confirmedP50Ms: percentile(confirmed, 50),
    confirmedP99Ms: percentile(confirmed, 99),
    entryP50Ms: percentile(delays, 50),
    entryP99Ms: percentile(delays, 99),
  };
}
