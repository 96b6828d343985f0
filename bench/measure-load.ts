/** One run of the load benchmark, on new processes. */
import type { BenchArguments } from './arguments.ts';
import { BenchDeployment, type DeploymentOptions, type OfParts } from './deployment.ts';
import type { RunFigures } from './figures.ts';
import { LoadGenerator } from './load.ts';
import { moderate, saturate } from './phases.ts';
import { cpuSeconds, machineCpuSeconds } from './process-cost.ts';

/** `orders` are posted at once, then `rate` a second for `seconds`. */
export type LoadSize = Pick<BenchArguments, 'orders' | 'rate' | 'seconds'>;

export async function measureLoad(
  deployed: DeploymentOptions,
  { orders, rate, seconds }: LoadSize,
): Promise<RunFigures> {
  const deployment = await BenchDeployment.start(deployed);
  try {
    const load = new LoadGenerator(deployment.urls);
    await load.connect(orders);
    const cpu = () => ({
      parts: deployment.cpuSeconds(),
      load: cpuSeconds(process.pid),
      machine: machineCpuSeconds(),
    });
    const before = cpu();
    const saturation = await saturate(load, orders);
    const after = cpu();
    const calm = await moderate(load, rate, seconds);
    load.close();
    return {
      ...saturation,
      ...calm,
      cpuMsPerOrder: perOrder(before.parts, after.parts, orders),
      loadCpuMsPerOrder: ((after.load - before.load) * 1000) / orders,
      coresBusy: ((after.machine - before.machine) * saturation.ordersPerSecond) / orders,
      megabytes: deployment.megabytes(),
    };
  } finally {
    await deployment.end();
  }
}

function perOrder(before: OfParts, after: OfParts, orders: number): OfParts {
  const used = { ...after };
  for (const part of ['stack', 'api', 'worker', 'redis', 'database'] as const) {
    const seconds = after[part];
    if (seconds !== undefined) used[part] = ((seconds - (before[part] ?? 0)) * 1000) / orders;
  }
  return used;
}
