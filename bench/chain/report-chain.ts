import type { BenchArguments } from '../arguments.ts';
import { percentile } from '../percentile.ts';
import type { ChainFigures, ChainRun } from './measure-chain.ts';

type Row = readonly [label: string, figure: (run: ChainRun) => number | undefined, digits: number];

const ROWS: readonly Row[] = [
  ['orders/s, all at once', (run) => run.ordersPerSecond, 1],
  ['  journal entries an order', (run) => run.entriesPerOrder, 1],
  ['  gaps and repeats seen by clients', (run) => run.feedFaults, 0],
  ['  CPU ms an order, the stack', (run) => run.cpuMsPerOrder.stack, 1],
  ['  CPU ms an order, anvil', (run) => run.cpuMsPerOrder.anvil, 1],
  ['  CPU ms an order, Redis', (run) => run.cpuMsPerOrder.redis, 1],
  ['  CPU ms an order, the clients', (run) => run.loadCpuMsPerOrder, 1],
  ['at a steady rate:', () => undefined, 0],
  ['  journal entries an order', (run) => run.calmEntriesPerOrder, 1],
  ['  CPU ms an order, the stack', (run) => run.calmCpuMsPerOrder.stack, 1],
  ['  CPU ms an order, anvil', (run) => run.calmCpuMsPerOrder.anvil, 1],
  ["the machine's load when it ended", (run) => run.machineLoad, 1],
];
const LABEL = 38;
const CELL = 22;

/** Prints for each number of signers the median, the least and the most of the runs. */
export function printChain(
  { runs, requests }: ChainFigures,
  { orders, rate, seconds }: BenchArguments,
): void {
  const signers = [...new Set(runs.map((run) => run.signers))];
  const of = (count: number) => runs.filter((run) => run.signers === count);
  const repeats = runs.length / signers.length;
  console.log(`\n${orders} orders at once, then ${rate} a second for ${seconds} s; ${repeats} runs`);
  console.log(''.padEnd(LABEL) + signers.map((count) => `${count} signers`.padStart(CELL)).join(''));
  const print = (label: string, cell: (count: number) => string): void =>
    console.log(label.padEnd(LABEL) + signers.map((count) => cell(count).padStart(CELL)).join(''));
  for (const [label, figure, digits] of ROWS) {
    print(label, (count) => spread(of(count).map(figure), digits));
  }
  for (const [name, figure] of [
    ['p50', 'p50Ms'],
    ['p99', 'p99Ms'],
  ] as const) {
    console.log(`stages at a steady rate, ${name} ms`);
    for (const [index, { stage }] of (runs[0]?.stages ?? []).entries()) {
      print(`  ${stage}`, (count) =>
        spread(
          of(count).map((run) => run.stages[index]?.[figure]),
          0,
        ),
      );
    }
  }
  const all = requests.perOrder.reduce((sum, [, count]) => sum + count, 0);
  console.log(`requests to the node an order (${requests.orders} at a steady rate): ${all.toFixed(1)}`);
  for (const [method, count] of requests.perOrder)
    console.log(`  ${method.padEnd(LABEL)}${count.toFixed(1)}`);
}

function spread(figures: readonly (number | undefined)[], digits: number): string {
  const values = figures.filter((value) => value !== undefined).filter(Number.isFinite);
  if (values.length === 0) return '';
  const [median, least, most] = [percentile(values, 50), Math.min(...values), Math.max(...values)];
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}
