import { expect, test } from '@jest/globals';
import { isLong } from '../form.ts';
import { disturbTheChain } from './disturb-the-chain.ts';
import { heldRun, MINUTES } from './held-run.ts';
import { killTheWorkers } from './kill-the-workers.ts';

/** `npm run chaos:chain` runs the same with 200 orders, and 60 kills or disturbances. Both forms reach each point of the submitter. */
const FORM = isLong
  ? { orders: 30, inFlight: 10, confirmations: 6, kills: 25, rounds: 1, disturbances: 16 }
  : { orders: 8, inFlight: 5, confirmations: 4, kills: 6, rounds: 0.5, disturbances: 5 };

test(
  'each order is swapped once or never on the chain when workers are killed around each step of a transaction',
  async () => {
    const { counts } = await heldRun(FORM, (plan) =>
      killTheWorkers({ ...plan, kills: FORM.kills, rounds: FORM.rounds }),
    );
    expect(counts['swaps, successful']).toBeGreaterThan(0);
  },
  10 * MINUTES,
);

test(
  'each order is swapped once or never on the chain when the chain and the connections to it fail',
  async () => {
    const { counts } = await heldRun(FORM, (plan) =>
      disturbTheChain({ ...plan, disturbances: FORM.disturbances }),
    );
    expect(counts['swaps, successful']).toBeGreaterThan(0);
  },
  10 * MINUTES,
);
