import { afterEach, expect, test } from '@jest/globals';
import { mulberry } from '../../support/seeded-random.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import type { RunFigures, RunPlan } from './chain-run.ts';
import { disturbTheChain } from './disturb-the-chain.ts';
import { killTheWorkers } from './kill-the-workers.ts';

/** `npm run chaos:chain` runs the same with 200 orders, and 60 kills or disturbances. */
const ORDERS = 30;
const MINUTES = 60_000;

let dir: TempDir;
afterEach(() => dir.remove());

async function held(run: (plan: RunPlan) => Promise<RunFigures>): Promise<RunFigures> {
  dir = tempDir();
  const seed = Date.now() % 1_000_000;
  const lines = [`seed ${seed}`];
  const figures = await run({
    orders: ORDERS,
    inFlight: 10,
    confirmations: 6,
    dataDir: dir.path,
    mongoUrl: null,
    main: ['--import', 'tsx', 'src/main.ts'],
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
    const { counts } = await held((plan) => killTheWorkers({ ...plan, kills: 8, rounds: 0.5 }));
    expect(counts['swaps, successful']).toBeGreaterThan(0);
  },
  10 * MINUTES,
);

test(
  'each order is swapped once or never on the chain when the chain and the connections to it fail',
  async () => {
    const { counts } = await held((plan) => disturbTheChain({ ...plan, disturbances: 8 }));
    expect(counts['swaps, successful']).toBeGreaterThan(0);
  },
  10 * MINUTES,
);
