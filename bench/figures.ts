import type { OfParts } from './deployment.ts';
import type { ModerateFigures, SaturationFigures } from './phases.ts';

export interface RunFigures extends SaturationFigures, ModerateFigures {
  /** At saturation. */
  readonly cpuMsPerOrder: OfParts;
  /** Of the clients, which are on the same machine. */
  readonly loadCpuMsPerOrder: number;
  /** At saturation, with everything that runs on the machine. */
  readonly coresBusy: number;
  /** Peak of the largest process of each part. */
  readonly megabytes: OfParts;
}

/** Of the server processes, Redis included and a database server not. */
export function serverCpuMsPerOrder({ cpuMsPerOrder }: RunFigures): number {
  const { stack = 0, api = 0, worker = 0, redis = 0 } = cpuMsPerOrder;
  return stack + api + worker + redis;
}
