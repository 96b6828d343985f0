import type { ModerateFigures, SaturationFigures } from './phases.ts';

export interface RunFigures extends SaturationFigures, ModerateFigures {
  readonly cpuMsPerOrder: number;
  readonly redisCpuMsPerOrder: number;
  readonly serverMegabytes: number;
  readonly redisMegabytes: number;
}
