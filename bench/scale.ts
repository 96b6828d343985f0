/**
 * `npm run bench -- --scale`: the effect of more workers, on both stores. Each run measures all configurations
 * in turn, so that other load on the machine affects all of them.
 */
import type { BenchArguments, StoreName } from './arguments.ts';
import { serverCpuMsPerOrder, type RunFigures } from './figures.ts';
import { measureLoad } from './measure-load.ts';
import { percentile } from './percentile.ts';

export interface ScaleStep {
  readonly store: StoreName;
  readonly workers: number;
  readonly runs: readonly RunFigures[];
}

const WORKERS = [1, 2, 4];

const COLUMNS: readonly (readonly [title: string, (run: RunFigures) => number | undefined, number])[] = [
  ['orders/s', (run) => run.ordersPerSecond, 0],
  ['CPU ms an order', serverCpuMsPerOrder, 2],
  ['apis', (run) => run.cpuMsPerOrder.api, 2],
  ['workers', (run) => run.cpuMsPerOrder.worker, 2],
  ['database', (run) => run.cpuMsPerOrder.database, 2],
  ['clients', (run) => run.loadCpuMsPerOrder, 2],
  ['cores busy', (run) => run.coresBusy, 2],
];
const WIDTH = 20;

export async function measureScale(wanted: BenchArguments): Promise<readonly ScaleStep[]> {
  const steps = wanted.stores.flatMap((store) =>
    WORKERS.map((workers) => ({ store, workers, runs: [] as RunFigures[] })),
  );
  for (let run = 1; run <= wanted.runs; run += 1) {
    for (const { store, workers, runs } of steps) {
      const figures = await measureLoad({ ...wanted, store, workers }, { ...wanted, seconds: 0 });
      runs.push(figures);
      console.log(`run ${run}, ${store}, ${workers} workers: ${figures.ordersPerSecond.toFixed(0)} orders/s`);
    }
  }
  return steps;
}

export function printScale(
  steps: readonly ScaleStep[],
  { orders, warmUp, apis, runs }: BenchArguments,
): void {
  console.log(
    `\n${orders} orders at saturation after a warm-up of ${warmUp}, ${apis} apis, ${runs} runs: median (least-most)`,
  );
  const titles = COLUMNS.map(([title]) => title.padStart(WIDTH)).join('');
  console.log(`${'store, workers'.padEnd(16)}${titles}`);
  for (const { store, workers, runs: figures } of steps) {
    const cells = COLUMNS.map(([, figure, digits]) => spread(figures.map(figure), digits).padStart(WIDTH));
    console.log(`${store}, ${workers}`.padEnd(16) + cells.join(''));
  }
}

function spread(figures: readonly (number | undefined)[], digits: number): string {
  const values = figures.filter((value) => value !== undefined);
  if (values.length === 0) return '-';
  const [median, least, most] = [percentile(values, 50), Math.min(...values), Math.max(...values)];
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}
