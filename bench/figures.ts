import type { OfParts } from './deployment.ts';
import type { ModerateFigures, SaturationFigures } from './phases.ts';

export interface SaturatedStack extends SaturationFigures {
  readonly cpuMsPerOrder: OfParts;
  /** CPU of the clients, which run on the same machine. */
  readonly loadCpuMsPerOrder: number;
  /** Of all processes of the machine. */
  readonly coresBusy: number;
}

export interface RunFigures extends SaturatedStack, ModerateFigures {
  /** Peak of the largest process of each part. */
  readonly megabytes: OfParts;
  /** The first orders of another new stack. Null: not measured. */
  readonly cold: SaturatedStack | null;
}

/** CPU of all server processes, with the database and the engine. */
export function totalCpuMsPerOrder(figures: SaturatedStack): number {
  const { database = 0, engine = 0 } = figures.cpuMsPerOrder;
  return serverCpuMsPerOrder(figures) + database + engine;
}

/** CPU of the server processes and Redis, without a database server. */
export function serverCpuMsPerOrder({ cpuMsPerOrder }: SaturatedStack): number {
  const { stack = 0, api = 0, worker = 0, redis = 0 } = cpuMsPerOrder;
  return stack + api + worker + redis;
}
