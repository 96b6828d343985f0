/** One worker's turn: how its steps are written down, and what all of them share. */
import type { Step } from './explore.ts';
import type { Rules } from './ledger-rules.ts';
import type { Hash, Maker, Order, State, Worker, WorkerName } from './ledger-state.ts';

export type Steps = readonly Step<State>[];

export interface Turn {
  readonly state: State;
  readonly rules: Rules;
  readonly name: WorkerName;
  /** What this worker signs as its swap for a nonce. */
  readonly hash: (nonce: number, maker: Maker) => Hash;
  /** One step: what was written (one document, or one request to the chain) and what the worker knows after it. */
  readonly go: (step: string, then: Worker, written?: Partial<State>) => Step<State>;
  /** A compare-and-set of the order on the version that the worker read. Who loses it reads the order anew. */
  readonly commit: (step: string, read: Order, changes: Partial<Order>, then?: Worker) => Step<State>;
}

export const REST: Worker = { at: 'rest' };

export function turnOf(state: State, name: WorkerName, rules: Rules): Turn {
  const go: Turn['go'] = (step, then, written = {}) => ({
    name: `${name} ${step}`,
    next: { ...state, ...written, workers: { ...state.workers, [name]: then } },
  });
  return {
    state,
    rules,
    name,
    hash: (nonce, maker) => `${nonce} ${maker}`,
    go,
    commit(step, read, changes, then = REST) {
      if (state.order.version !== read.version && rules.mistake !== 'commits blindly') {
        return go('loses a compare-and-set on the order', REST);
      }
      return go(step, then, { order: { ...read, ...changes, version: state.order.version + 1 } });
    },
  };
}
