/**
 * `npm run bench -- --chain`: real swaps on the embedded chain, with 1, 2 and 4 signers. Each run measures all numbers of signers
 * in turn, so that other load on the machine affects all of them. The last measurement counts the requests to the node.
 *
 * Orders are small (0.001 WETH), so that none moves the price beyond the slippage of another. The signers' allowances are granted
 * before the measurement.
 */
import { loadavg } from 'node:os';
import type { BenchArguments } from '../arguments.ts';
import { BenchDeployment, type OfParts } from '../deployment.ts';
import { LoadGenerator } from '../load.ts';
import { cpuSeconds } from '../process-cost.ts';
import { readSteps, stagesOf, type StageFigures } from './stages.ts';
import { startOwnChain } from './own-chain.ts';
import { atOnce, steadily } from './chain-phases.ts';

export interface ChainRun {
  readonly signers: number;
  readonly ordersPerSecond: number;
  readonly entriesPerOrder: number;
  readonly feedFaults: number;
  /** At saturation. */
  readonly cpuMsPerOrder: OfParts;
  readonly loadCpuMsPerOrder: number;
  /** In the steady phase. */
  readonly stages: readonly StageFigures[];
  readonly calmEntriesPerOrder: number;
  /** In the steady phase. */
  readonly calmCpuMsPerOrder: OfParts;
  /** The machine's load average over a minute, at the end. */
  readonly machineLoad: number;
}

export interface NodeRequests {
  readonly orders: number;
  /** Requests for one order, by method. */
  readonly perOrder: readonly (readonly [method: string, count: number])[];
}

export interface ChainFigures {
  readonly runs: readonly ChainRun[];
  readonly requests: NodeRequests;
}

const SELL_AMOUNT = 10n ** 15n;
const WARM_UP_ORDERS = 30;
const BLOCK_MS = 500;

export async function measureChain(wanted: BenchArguments): Promise<ChainFigures> {
  const runs: ChainRun[] = [];
  for (let run = 1; run <= wanted.runs; run += 1) {
    for (const signers of wanted.signers) {
      const figures = await measureSigners(wanted, signers);
      runs.push(figures);
      console.log(`run ${run}, ${signers} signers: ${figures.ordersPerSecond.toFixed(1)} orders/s`);
    }
  }
  return { runs, requests: await countRequests(wanted, Math.max(...wanted.signers)) };
}

async function measureSigners(wanted: BenchArguments, signers: number): Promise<ChainRun> {
  const settings = { EXECUTION: 'chain', LOCAL_SIGNERS: String(signers), LOCAL_BLOCK_MS: String(BLOCK_MS) };
  return onDeployment(wanted, settings, async (deployment, load) => {
    const { orders, rate, seconds } = wanted;
    const cpu = () => ({ parts: deployment.cpuSeconds(), load: cpuSeconds(process.pid) });
    const entries = () => load.check.entries;

    const before = { ...cpu(), entries: entries() };
    const startedAt = performance.now();
    await atOnce(load, orders);
    const ordersPerSecond = (orders * 1000) / (performance.now() - startedAt);
    const after = { ...cpu(), entries: entries() };
    const calm = await steadily(load, rate, seconds);
    const end = { ...cpu(), entries: entries() };
    const steps = await readAll(deployment.urls[0] ?? '', calm);
    return {
      signers,
      ordersPerSecond,
      entriesPerOrder: (after.entries - before.entries) / orders,
      feedFaults: load.check.faults.length,
      cpuMsPerOrder: perOrder(before.parts, after.parts, orders),
      loadCpuMsPerOrder: ((after.load - before.load) * 1000) / orders,
      stages: stagesOf(steps),
      calmEntriesPerOrder: (end.entries - after.entries) / calm.length,
      calmCpuMsPerOrder: perOrder(after.parts, end.parts, calm.length),
      machineLoad: loadavg()[0] ?? Number.NaN,
    };
  });
}

async function countRequests(wanted: BenchArguments, signers: number): Promise<NodeRequests> {
  const chain = await startOwnChain(signers, BLOCK_MS);
  try {
    return await onDeployment(wanted, { EXECUTION: 'chain', ...chain.settings }, async (_, load) => {
      chain.proxy.reset();
      const { length: orders } = await steadily(load, wanted.rate, wanted.seconds);
      const perOrder = [...chain.proxy.counts]
        .map(([method, count]) => [method, count / orders] as const)
        .sort(([, one], [, other]) => other - one);
      return { orders, perOrder };
    });
  } finally {
    await chain.end();
  }
}

async function onDeployment<Figures>(
  { orders, rate, seconds, stores: [store], storePids, profile }: BenchArguments,
  settings: Readonly<Record<string, string>>,
  measure: (deployment: BenchDeployment, load: LoadGenerator) => Promise<Figures>,
): Promise<Figures> {
  const deployment = await BenchDeployment.start({
    store,
    storePids,
    profile,
    workers: 0,
    apis: 1,
    settings,
  });
  try {
    const load = new LoadGenerator(deployment.urls, SELL_AMOUNT);
    await load.connect(Math.max(orders, rate * seconds, WARM_UP_ORDERS));
    await atOnce(load, WARM_UP_ORDERS);
    const figures = await measure(deployment, load);
    load.close();
    return figures;
  } finally {
    await deployment.end();
  }
}

async function readAll(url: string, orderIds: readonly string[]) {
  const all = [];
  for (const orderId of orderIds) all.push(await readSteps(url, orderId));
  return all;
}

function perOrder(before: OfParts, after: OfParts, orders: number): OfParts {
  const used = { ...after };
  for (const part of ['stack', 'redis', 'anvil'] as const) {
    const seconds = after[part];
    if (seconds !== undefined) used[part] = ((seconds - (before[part] ?? 0)) * 1000) / orders;
  }
  return used;
}
