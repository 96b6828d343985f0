import { afterEach, expect, test } from '@jest/globals';
import { MAIN } from '../../support/programs.ts';
import { mulberry } from '../../support/seeded-random.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import { isLong, takeSeed } from '../form.ts';
import type { RunFigures, RunPlan } from './chain-run.ts';
import { disturbTheChain } from './disturb-the-chain.ts';
import { killTheWorkers } from './kill-the-workers.ts';

/** `npm run chaos:chain` runs the same with 200 orders, and 60 kills or disturbances. Both forms reach each point of the submitter. */
const FORM = isLong
  ? { orders: 30, inFlight: 10, kills: 25, rounds: 1, disturbances: 16 }
  : { orders: 10, inFlight: 6, kills: 6, rounds: 0.5, disturbances: 6 };
const MINUTES = 60_000;

let dir: TempDir;
afterEach(() => dir.remove());

async function held(run: (plan: RunPlan) => Promise<RunFigures>): Promise<RunFigures> {
  dir = tempDir();
  const seed = takeSeed();
  const lines = [`seed ${seed}`];
  const figures = await run({
    orders: FORM.orders,
    inFlight: FORM.inFlight,
    confirmations: 6,
    dataDir: dir.path,
    mongoUrl: null,
    main: MAIN,
    random: mulberry(seed),
    log: (line) => lines.push(line),
    endedWithinMs: 3 * MINUTES,
  });
  const broken = Object.entries(figures.broken).filter(([, where]) => where.length > 0);
  expect({ broken, lines }).toEqual({ broken: [], lines });
  return figures;
}

test(
  'each order is swapped once or never on the chain when workers are killed around each step of a transaction',
  async () => {
    const { counts } = await held((plan) =>
      killTheWorkers({ ...plan, kills: FORM.kills, rounds: FORM.rounds }),
    );
    expect(counts['swaps, successful']).toBeGreaterThan(0);
  },
  10 * MINUTES,
);

test(
  'each order is swapped once or never on the chain when the chain and the connections to it fail',
  async () => {
    const { counts } = await held((plan) => disturbTheChain({ ...plan, disturbances: FORM.disturbances }));
    expect(counts['swaps, successful']).toBeGreaterThan(0);
  },
  10 * MINUTES,
);
