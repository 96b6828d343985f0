/**
 * How the simulated chain misbehaves. Each fault is dealt once for an (order, epoch): which ones, is a pure function of
 * the seed or a script; that one was dealt is stored, so that a crash neither repeats it forever nor changes the plan.
 */
import type { Failure, FailureKind } from '../../../machines/order/types.ts';
import { seededDraw } from '../../runtime/seeded-draw.ts';

/** Which faults can meet which operation. `execute` is the chain's own: the block that takes the transaction in. */
const FAULTS_OF = {
  sign: ['unavailable', 'rateLimited', 'reservationLost'],
  broadcast: ['unavailable', 'rateLimited', 'lostReply', 'dropped', 'stuck'],
  mine: ['unavailable'],
  execute: ['reverted'],
  confirm: ['unavailable', 'reorganised'],
  cancel: ['unavailable', 'rateLimited'],
} as const;

export type ChainOperation = keyof typeof FAULTS_OF;
export type FaultOf<Operation extends ChainOperation> = (typeof FAULTS_OF)[Operation][number];
export type Fault = FaultOf<ChainOperation>;

/** Probabilities from 0 to 1, drawn for each (order, epoch, operation); one that is left out is 0. */
export type ChainFailures = Readonly<Partial<Record<Fault, number>>>;

/** What the first, second, ... calls of an operation meet; later ones go well. */
export type FaultScript = {
  readonly [Operation in ChainOperation]?: readonly FaultOf<Operation>[];
};

export interface FaultPlan {
  /** Most plans are empty, and an empty plan costs no read and no write. */
  faultsOf<Operation extends ChainOperation>(
    operation: Operation,
    orderId: string,
    epoch: number,
  ): readonly FaultOf<Operation>[];
}

export function drawnFaults(seed: string, failures: ChainFailures): FaultPlan {
  return {
    faultsOf: (operation, orderId, epoch) =>
      FAULTS_OF[operation].filter((fault) => {
        const probability = failures[fault] ?? 0;
        return probability > 0 && seededDraw(seed, orderId, epoch, operation, fault) < probability;
      }),
  };
}

export function scriptedFaults(script: (orderId: string, epoch: number) => FaultScript): FaultPlan {
  return { faultsOf: (operation, orderId, epoch) => script(orderId, epoch)[operation] ?? [] };
}

const REFUSALS: Readonly<Partial<Record<Fault, { kind: FailureKind; code: string; message: string }>>> = {
  unavailable: { kind: 'retry', code: 'rpc_unavailable', message: 'The chain does not answer' },
  rateLimited: { kind: 'wait', code: 'rpc_rate_limited', message: 'The chain asks for fewer requests' },
};

/** The failure of an operation that was refused before it did anything; null for faults that show otherwise. */
export function refusalOf(fault: Fault | undefined): Failure | null {
  return fault === undefined ? null : (REFUSALS[fault] ?? null);
}
