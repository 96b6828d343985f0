/**
 * `npm run bench -- --growth`: what stored orders cost new ones, on SQLite. Each stack starts on a file with so many ended orders, copies of a
 * real one without their journals, which are in a table that is only appended to.
 */
import type { BenchArguments } from '../arguments.ts';
import { ONE_PROCESS } from '../deployment.ts';
import { serverCpuMsPerOrder, type RunFigures } from '../figures.ts';
import { fillFile } from '../lists/fill-sqlite.ts';
import { runTemplateOrder } from '../lists/template-order.ts';
import { measureLoad } from '../measure-load.ts';
import { dataFiles } from '../../src/settings/data-dir.ts';

export interface GrowthStep extends RunFigures {
  readonly stored: number;
}

export async function measureGrowth(wanted: BenchArguments): Promise<readonly GrowthStep[]> {
  const template = await runTemplateOrder();
  const steps: GrowthStep[] = [];
  for (const stored of wanted.stored) {
    const prepare = (dataDir: string): Promise<void> =>
      fillFile(dataFiles(dataDir).orders, template, stored, () => false);
    const step = { stored, ...(await measureLoad({ ...ONE_PROCESS, prepare }, wanted)) };
    steps.push(step);
    console.log(
      `${stored} stored: ${step.ordersPerSecond.toFixed(0)} orders/s, ${serverCpuMsPerOrder(step).toFixed(2)} CPU ms an order, ` +
        `POST to confirmed at ${wanted.rate}/s p50 ${step.confirmedP50Ms.toFixed(1)}, p99 ${step.confirmedP99Ms.toFixed(1)} ms`,
    );
  }
  return steps;
}
