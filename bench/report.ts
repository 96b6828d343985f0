import { percentile } from './percentile.ts';
import type { RunFigures } from './figures.ts';

const ROWS: readonly (readonly [label: string, key: keyof RunFigures, digits: number])[] = [
  ['orders/s at saturation', 'ordersPerSecond', 0],
  ['journal entries an order', 'entriesPerOrder', 1],
  ['gaps and repeats seen by clients', 'feedFaults', 0],
  ['CPU ms an order, server and Redis', 'cpuMsPerOrder', 2],
  ['  of which Redis', 'redisCpuMsPerOrder', 2],
  ['POST to confirmed, p50 ms', 'confirmedP50Ms', 1],
  ['POST to confirmed, p99 ms', 'confirmedP99Ms', 1],
  ['transition to client, p50 ms', 'entryP50Ms', 1],
  ['transition to client, p99 ms', 'entryP99Ms', 1],
  ['server memory, peak MB', 'serverMegabytes', 0],
  ['Redis memory, peak MB', 'redisMegabytes', 0],
];

/** The figures of all runs: median, and the least and most. */
export function printReport(runs: readonly RunFigures[], orders: number): void {
  console.log(`\n${orders} orders, ${runs.length} runs`);
  console.log(`${''.padEnd(36)}${'median'.padStart(10)}${'least'.padStart(10)}${'most'.padStart(10)}`);
  for (const [label, key, digits] of ROWS) {
    const values = runs.map((run) => run[key]);
    const cells = [percentile(values, 50), Math.min(...values), Math.max(...values)];
    console.log(label.padEnd(36) + cells.map((value) => value.toFixed(digits).padStart(10)).join(''));
  }
}
