import type { Failure } from '../../../machines/order/types.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import type { Clock, Random } from '../../runtime/time.ts';
import type { BlockSettings } from './block-time.ts';
import type { ChainFailures, FaultScript } from './faults.ts';

export interface SimulatedSubmitterSettings extends BlockSettings {
  readonly seed: string;
  readonly failures: ChainFailures;
  /** In place of the drawn failures. */
  readonly script?: (orderId: string, epoch: number) => FaultScript;
  /** How many signers share the orders; their names are sim-1, sim-2, ... Default 1. */
  readonly signers?: number;
}

export interface SimulatedSubmitterOptions {
  /** Path of the SQLite file; several processes may share it. */
  readonly file: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: SimulatedSubmitterSettings;
  readonly passCrashPoint: PassCrashPoint;
  /** The venue decides what a revert means. */
  readonly classifyRevert: (venue: string, revert: { readonly reason: string }) => Failure;
}
