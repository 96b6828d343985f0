import type { OfParts } from './deployment.ts';
import type { ModerateFigures, SaturationFigures } from './phases.ts';

export interface RunFigures extends SaturationFigures, ModerateFigures {
  /** At saturation. */
  readonly cpuMsPerOrder: OfParts;
  /** CPU of the clients, which run on the same machine. */
  readonly loadCpuMsPerOrder: number;
  /** At saturation, of all processes of the machine. */
  readonly coresBusy: number;
  /** Peak of the largest process of each part. */
  readonly megabytes: OfParts;
}

/** CPU of the server processes and Redis, without a database server. */
export function serverCpuMsPerOrder({ cpuMsPerOrder }: RunFigures): number {
  const { stack = 0, api = 0, worker = 0, redis = 0 } = cpuMsPerOrder;
  return stack + api + worker + redis;
}
