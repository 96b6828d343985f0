import { serverCpuMsPerOrder, type RunFigures } from './figures.ts';
import { percentile } from './percentile.ts';

type Row = readonly [label: string, figure: (run: RunFigures) => number | undefined, digits: number];

const ROWS: readonly Row[] = [
  ['orders/s at saturation', (run) => run.ordersPerSecond, 0],
  ['  of a new stack, cold', ({ cold }) => cold?.ordersPerSecond, 0],
  ['journal entries an order', (run) => run.entriesPerOrder, 1],
  ['gaps and repeats seen by clients', (run) => run.feedFaults, 0],
  ['CPU ms an order, servers and Redis', serverCpuMsPerOrder, 2],
  ['  of which apis', (run) => run.cpuMsPerOrder.api, 2],
  ['  of which workers', (run) => run.cpuMsPerOrder.worker, 2],
  ['  of which Redis', (run) => run.cpuMsPerOrder.redis, 2],
  ['  of a new stack, cold', ({ cold }) => (cold === null ? undefined : serverCpuMsPerOrder(cold)), 2],
  ['CPU ms an order, database server', (run) => run.cpuMsPerOrder.database, 2],
  ['CPU ms an order, the clients', (run) => run.loadCpuMsPerOrder, 2],
  ['cores busy at saturation, in all', (run) => run.coresBusy, 2],
  ['POST to confirmed, p50 ms', (run) => run.confirmedP50Ms, 1],
  ['POST to confirmed, p99 ms', (run) => run.confirmedP99Ms, 1],
  ['transition to client, p50 ms', (run) => run.entryP50Ms, 1],
  ['transition to client, p99 ms', (run) => run.entryP99Ms, 1],
  ['server memory, peak MB', (run) => run.megabytes.stack, 0],
  ['api memory, peak MB of one', (run) => run.megabytes.api, 0],
  ['worker memory, peak MB of one', (run) => run.megabytes.worker, 0],
  ['Redis memory, peak MB', (run) => run.megabytes.redis, 0],
];

/** Prints the median, the least and the most of each measured figure. */
export function printReport(title: string, runs: readonly RunFigures[]): void {
  console.log(`\n${title}, ${runs.length} runs`);
  console.log(`${''.padEnd(36)}${'median'.padStart(10)}${'least'.padStart(10)}${'most'.padStart(10)}`);
  for (const [label, figure, digits] of ROWS) {
    const values = runs
      .map(figure)
      .filter((value) => value !== undefined)
      .filter(Number.isFinite);
    if (values.length === 0) continue;
    const cells = [percentile(values, 50), Math.min(...values), Math.max(...values)];
    console.log(label.padEnd(36) + cells.map((value) => value.toFixed(digits).padStart(10)).join(''));
  }
}
