/**
 * `npm run bench -- --lists`: the cost of a page of orders at the store's port, with few and with many stored orders. It reads
 * 200 pages of each kind one after the other, or as many as one minute allows.
 */
import type { BenchArguments, StoreName } from '../arguments.ts';
import { percentile } from '../percentile.ts';
import { cpuSeconds, treeCpuSeconds } from '../process-cost.ts';
import { checkFilled } from './check-filled.ts';
import { fillMongo } from './fill-mongo.ts';
import { fillSqlite } from './fill-sqlite.ts';
import type { FilledStore } from './filled-store.ts';
import { PAGE_KINDS, type PageKind } from './page-kinds.ts';
import { OWNER } from './stored-orders.ts';
import { runTemplateOrder } from './template-order.ts';

export interface PageFigures {
  readonly store: StoreName;
  readonly stored: number;
  readonly kind: string;
  readonly pages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of this process: the store's adapter. */
  readonly cpuMs: number;
  /** NaN: the database's processes are not known. */
  readonly databaseCpuMs: number;
}

const PAGES = 200;
const WARM_UP_PAGES = 5;
const AT_MOST_MS = 60_000;

const FILL = { sqlite: fillSqlite, mongodb: fillMongo } as const;

export async function measureLists({
  stores,
  stored: counts,
  storePids,
}: BenchArguments): Promise<PageFigures[]> {
  const template = await runTemplateOrder();
  const figures: PageFigures[] = [];
  for (const store of stores) {
    for (const stored of counts) {
      const startedAt = performance.now();
      const filled = await FILL[store](template, stored);
      const tookS = (performance.now() - startedAt) / 1000;
      console.log(`${store}: ${stored} orders stored in ${tookS.toFixed(0)} s`);
      try {
        await checkFilled(filled, template, stored);
        const countedAt = performance.now();
        await filled.store.orders.counts(OWNER);
        console.log(`  counts: ${(performance.now() - countedAt).toFixed(2)} ms`);
        for (const kind of PAGE_KINDS) {
          const measured = { store, stored, ...(await measureKind(kind, stored, filled, storePids)) };
          figures.push(measured);
          console.log(`  ${kind.name}: ${measured.p50Ms.toFixed(2)} ms`);
        }
      } finally {
        await filled.end();
      }
    }
  }
  return figures;
}

async function measureKind(
  { name, orders, filter }: PageKind,
  stored: number,
  filled: FilledStore,
  storePids: readonly number[],
): Promise<Omit<PageFigures, 'store' | 'stored'>> {
  const ask = async (turn: number): Promise<void> => {
    const page = await filled.store.orders.list(filter(turn, stored, filled));
    if (page.orders.length !== orders) {
      throw new Error(`a page of "${name}" holds ${page.orders.length} orders, expected ${orders}`);
    }
  };
  for (let turn = 0; turn < WARM_UP_PAGES; turn += 1) await ask(turn);
  const database = (): number =>
    storePids.length === 0 ? Number.NaN : storePids.reduce((sum, pid) => sum + treeCpuSeconds(pid), 0);
  const cpuBefore = { own: cpuSeconds(process.pid), database: database() };
  const startedAt = performance.now();
  const tookMs: number[] = [];
  while (tookMs.length < PAGES && performance.now() - startedAt < AT_MOST_MS) {
    const askedAt = performance.now();
    await ask(WARM_UP_PAGES + tookMs.length);
    tookMs.push(performance.now() - askedAt);
  }
  const pages = tookMs.length;
  return {
    kind: name,
    pages,
    p50Ms: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
    cpuMs: ((cpuSeconds(process.pid) - cpuBefore.own) * 1000) / pages,
    databaseCpuMs: ((database() - cpuBefore.database) * 1000) / pages,
  };
}
