import { expect } from '@jest/globals';
import { MAIN } from '../../support/programs.ts';
import { mulberry } from '../../support/seeded-random.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { takeSeed } from '../form.ts';
import type { RunFigures, RunPlan } from './chain-run.ts';

export const MINUTES = 60_000;
/** A profile has its own. */
const CONFIRMATIONS = 6;

type HeldPlan = Pick<RunPlan, 'orders' | 'inFlight'> & Partial<Pick<RunPlan, 'confirmations'>>;

/** A run in a test: it fails with the seed, what was broken and the lines of the run. */
export async function heldRun(
  { orders, inFlight, confirmations = CONFIRMATIONS }: HeldPlan,
  run: (plan: RunPlan) => Promise<RunFigures>,
): Promise<RunFigures> {
  const dir = tempDir();
  const seed = takeSeed();
  const lines = [`seed ${seed}`];
  try {
    const figures = await run({
      orders,
      inFlight,
      confirmations,
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
  } finally {
    dir.remove();
  }
}
