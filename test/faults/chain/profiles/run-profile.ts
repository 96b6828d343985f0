/** Orders on one profile, with kills and cancellations among them, held against the chain by the audit. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainDeployment } from '../chain-deployment.ts';
import { runOnChain, type RunFigures, type RunPlan } from '../chain-run.ts';
import { killOneOf } from '../kill-the-workers.ts';
import type { ChainProfile } from './chain-profiles.ts';

/** Wei: about thirty times what the chain has else. */
const SPIKE = 40_000_000_000n;
/** In blocks. */
const SPIKE_EVERY = 8;
const BETWEEN_KILLS_MS = 4_000;
const GIVES_UP_MS = 300_000;
/** A worker that was killed, and whoever takes its orders over, begin again within this time. */
const TAKEOVER_S = 20;

export type ProfilePlan = Omit<RunPlan, 'confirmations' | 'setting'> & { readonly kills: number };

export async function runProfile(profile: ChainProfile, plan: ProfilePlan): Promise<RunFigures> {
  const { confirmations, setting, hasSpikes } = profile;
  const { blockMs } = setting.rules;
  let kills = 0;
  const figures = await runOnChain(
    { ...plan, confirmations, setting },
    {
      nextCrashPoint: () => null,
      onDeath: () => undefined,
      act: async (deployment, flow) => {
        const over = new AbortController();
        const spiking = hasSpikes ? spike(deployment, blockMs, over.signal) : Promise.resolve();
        const spikes = spiking.catch((error: unknown) => plan.log(`no more spikes: ${String(error)}`));
        const until = performance.now() + GIVES_UP_MS;
        while ((kills < plan.kills || flow.acknowledged.size < plan.orders) && performance.now() < until) {
          await sleep(BETWEEN_KILLS_MS * (0.5 + plan.random()));
          if (kills < plan.kills && (await killOneOf(deployment.workers, plan.random))) kills += 1;
        }
        over.abort();
        await spikes;
      },
    },
  );
  const finalityS = ((confirmations + 2) * blockMs) / 1_000;
  const late = figures.counts['seconds past validTo, at most'] ?? 0;
  return {
    ...figures,
    counts: { ...figures.counts, kills },
    broken: {
      ...figures.broken,
      'all orders end within validTo and finality':
        late > finalityS + TAKEOVER_S ? [`${late} s after validTo, finality takes ${finalityS} s`] : [],
    },
  };
}

async function spike({ chain }: ChainDeployment, blockMs: number, signal: AbortSignal): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    await sleep(SPIKE_EVERY * blockMs, undefined, { signal }).catch(() => undefined);
    if (!isOver()) await chain.client.setNextBlockBaseFeePerGas({ baseFeePerGas: SPIKE });
  }
}
