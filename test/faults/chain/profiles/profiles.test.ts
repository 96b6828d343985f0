import { expect, test } from '@jest/globals';
import { drawSome, isLong } from '../../form.ts';
import type { RunFigures, RunPlan } from '../chain-run.ts';
import { heldRun, MINUTES } from '../held-run.ts';
import { PROFILES } from './chain-profiles.ts';
import { runProfile } from './run-profile.ts';

/** `npm run chaos:profiles` runs all of them with 50 orders and four kills each. */
const FORM = isLong ? { orders: 24, inFlight: 8, kills: 2 } : { orders: 8, inFlight: 5, kills: 1 };

if (isLong) {
  test.each(PROFILES.map((profile) => [profile.name, profile] as const))(
    'each order is swapped once or never on a chain or provider of other rules, and ends in time: %s',
    async (_name, profile) => {
      await expectHeld((plan) => runProfile(profile, { ...plan, kills: FORM.kills }));
    },
    10 * MINUTES,
  );
} else {
  test(
    'each order is swapped once or never on a chain or provider of other rules, and ends in time: one that is drawn',
    async () => {
      await expectHeld(async (plan) => {
        const [profile] = drawSome(PROFILES, 1, plan.random);
        if (profile === undefined) throw new Error('there is no profile');
        plan.log(`profile: ${profile.name}`);
        return runProfile(profile, { ...plan, kills: FORM.kills });
      });
    },
    5 * MINUTES,
  );
}

async function expectHeld(run: (plan: RunPlan) => Promise<RunFigures>): Promise<void> {
  const { counts } = await heldRun(FORM, run);
  expect(counts['swaps, successful']).toBeGreaterThan(0);
  expect(counts['kills']).toBe(FORM.kills);
}
