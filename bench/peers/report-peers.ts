import type { BenchArguments } from '../arguments.ts';
import { totalCpuMsPerOrder } from '../figures.ts';
import { percentile } from '../percentile.ts';
import type { MeasuredPeer, PeerRun } from './measure-peers.ts';
import { CONCURRENCY, type NotPromised } from './peers.ts';

/** `connection` and `subscribed`, which come before the transitions. */
const MESSAGES_OF_A_SUBSCRIPTION = 2;

const OURS: readonly NotPromised[] = [
  {
    text: 'an effect runs at least once; one whose worker was given up is refused what it writes, and a swap is sent at most once',
    source: 'README.md, "What is not promised"',
  },
];

type Column = readonly [title: string, figure: (run: PeerRun) => number | undefined, digits: number];

const COLUMNS: readonly Column[] = [
  ['orders/s', (run) => run.ordersPerSecond, 0],
  ['CPU ms an order', totalCpuMsPerOrder, 2],
  ['program', (run) => run.cpuMsPerOrder.stack, 2],
  ['Redis', (run) => run.cpuMsPerOrder.redis, 2],
  ['Postgres', (run) => run.cpuMsPerOrder.database, 2],
  ['Restate', (run) => run.cpuMsPerOrder.engine, 2],
  ['clients', (run) => run.loadCpuMsPerOrder, 2],
  ['POST to done, p50 ms', (run) => run.confirmedP50Ms, 1],
  ['gaps, repeats', (run) => run.feedFaults, 0],
  ['messages pushed', messagesPushed, 0],
  ['load of the machine', (run) => run.machineLoad, 0],
];

/** Prints a table in Markdown, as docs/explanation/performance.md has it, and what each system does not promise. */
export function printPeers(
  measured: readonly MeasuredPeer[],
  { orders, warmUp, rate, seconds, runs }: BenchArguments,
): void {
  console.log(
    `\n${orders} orders after a warm-up of ${warmUp}, ${CONCURRENCY} at a time; then ${rate} a second for ${seconds} s; ${runs} runs in turns: median (least-most)\n`,
  );
  const titles = ['', ...COLUMNS.map(([title]) => title), 'durable transitions'];
  console.log(
    `| ${titles.join(' | ')} |\n|${titles.map((_, index) => (index === 0 ? ' --- |' : ' --: |')).join('')}`,
  );
  for (const { peer, runs: figures } of measured) {
    const cells = COLUMNS.map(([, figure, digits]) => spread(figures.map(figure), digits));
    const row = [peer?.title ?? 'Fillstream', ...cells, String(peer?.durableTransitions ?? 9)];
    console.log(`| ${row.join(' | ')} |`);
  }
  for (const { peer, failure } of measured)
    if (failure !== null) console.log(`\n${peer?.title ?? 'Fillstream'} was measured no further: ${failure}`);
  console.log('\nNot promised:');
  for (const { peer } of measured) {
    for (const { text, source } of peer?.notPromised ?? OURS)
      console.log(`- ${peer?.title ?? 'Fillstream'}: ${text} (${source})`);
  }
}

/** An order's. Undefined: it is not pushed. */
function messagesPushed({ entriesPerOrder }: PeerRun): number | undefined {
  return entriesPerOrder === 0 ? undefined : entriesPerOrder + MESSAGES_OF_A_SUBSCRIPTION;
}

function spread(figures: readonly (number | undefined)[], digits: number): string {
  const values = figures.filter((value) => value !== undefined).filter(Number.isFinite);
  if (values.length === 0) return '-';
  const [median, least, most] = [percentile(values, 50), Math.min(...values), Math.max(...values)];
  if (least === most) return median.toFixed(digits);
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}
