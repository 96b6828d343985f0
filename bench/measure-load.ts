/** One run of the load benchmark, on new processes. */
import type { BenchArguments } from './arguments.ts';
import { BenchDeployment, type DeploymentOptions, type OfParts } from './deployment.ts';
import type { RunFigures, SaturatedStack } from './figures.ts';
import { LoadGenerator } from './load.ts';
import { moderate, saturate, type Load } from './phases.ts';
import { cpuSeconds, machineCpuSeconds } from './process-cost.ts';

/** `warmUp` orders, which are not measured; then `orders` are posted at once, then `rate` a second for `seconds`. */
export type LoadSize = Pick<BenchArguments, 'orders' | 'warmUp' | 'rate' | 'seconds'>;

export async function measureLoad(
  deployed: DeploymentOptions,
  { orders, warmUp, rate, seconds }: LoadSize,
): Promise<RunFigures> {
  return onNewStack(deployed, Math.max(orders, warmUp), async (deployment, load) => {
    await saturate(load, warmUp);
    const saturated = await saturateStack(deployment, load, orders);
    const calm = await moderate(load, rate, seconds);
    return { ...saturated, ...calm, megabytes: deployment.megabytes(), cold: null };
  });
}

/** The first `orders` of a new stack: its code is not compiled yet, and its caches are empty. */
export function measureCold(deployed: DeploymentOptions, orders: number): Promise<SaturatedStack> {
  return onNewStack(deployed, orders, (deployment, load) => saturateStack(deployment, load, orders));
}

async function onNewStack<Figures>(
  deployed: DeploymentOptions,
  connections: number,
  measure: (deployment: BenchDeployment, load: LoadGenerator) => Promise<Figures>,
): Promise<Figures> {
  const deployment = await BenchDeployment.start(deployed);
  try {
    const load = new LoadGenerator(deployment.urls);
    await load.connect(connections);
    const figures = await measure(deployment, load);
    load.close();
    return figures;
  } finally {
    await deployment.end();
  }
}

/** Runs `orders`, and what they cost the `servers`. */
export async function saturateStack(
  servers: { cpuSeconds(): OfParts },
  load: Load,
  orders: number,
): Promise<SaturatedStack> {
  const cpu = () => ({
    parts: servers.cpuSeconds(),
    load: cpuSeconds(process.pid),
    machine: machineCpuSeconds(),
  });
  const before = cpu();
  const saturation = await saturate(load, orders);
  const after = cpu();
  return {
    ...saturation,
    cpuMsPerOrder: perOrder(before.parts, after.parts, orders),
    loadCpuMsPerOrder: ((after.load - before.load) * 1000) / orders,
    coresBusy: ((after.machine - before.machine) * saturation.ordersPerSecond) / orders,
  };
}

function perOrder(before: OfParts, after: OfParts, orders: number): OfParts {
  const used = { ...after };
  for (const part of ['stack', 'api', 'worker', 'redis', 'database', 'engine'] as const) {
    const seconds = after[part];
    if (seconds !== undefined) used[part] = ((seconds - (before[part] ?? 0)) * 1000) / orders;
  }
  return used;
}
