/**
 * Disturbs the chain (dropped transactions, reorganisations, kills), the connections to it (lag, lost replies, refusals, cuts)
 * and the workers. The promises depend on blocks staying final after CONFIRMATIONS blocks. A run that lost such a block proves
 * nothing, and reports that.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour } from '../../support/odd-token.ts';
import type { ChainDeployment, ChainSetting } from './chain-deployment.ts';
import { runOnChain, type RunFigures, type RunPlan } from './chain-run.ts';
import { USUAL_RULES, type HarnessChain } from './harness-chain.ts';
import { killOneOf } from './kill-the-workers.ts';

export interface DisturbancePlan extends RunPlan {
  readonly disturbances: number;
}

const KINDS = [
  'dropped transactions',
  'reorganisations',
  'second views',
  'odd tokens',
  'lagging receipts',
  'lost replies',
  'refused connections',
  'cut connections',
  'kills of anvil',
  'kills of workers',
] as const;

type Kind = (typeof KINDS)[number];

const WAITS_FOR_ONE_MS = 3_000;
const GIVES_UP_MS = 900_000;

/** Whatever it does when an order quotes, it may do something else when the swap is mined. */
const BEHAVIOURS: readonly Behaviour[] = [
  {},
  { feeBps: 30 },
  { feeBps: 100 },
  { silent: true },
  { approve: 'zeroFirst' },
  { approve: 'heavy', feeBps: 10 },
];

async function behaveOtherwise({ odd }: HarnessChain, random: () => number): Promise<boolean> {
  const behaviour = BEHAVIOURS[Math.floor(random() * BEHAVIOURS.length)] ?? {};
  // Where anvil is away, another time.
  const done = await odd?.behave(behaviour).then(
    () => true,
    () => false,
  );
  return done === true;
}

const SETTING: ChainSetting = {
  rules: { ...USUAL_RULES, hasOddToken: true },
  endpoints: (nodeUrl) =>
    Promise.resolve({ urls: [nodeUrl], counts: () => ({}), close: () => Promise.resolve() }),
  workers: 4,
  env: {},
};

export async function disturbTheChain(plan: DisturbancePlan): Promise<RunFigures> {
  const { random, log, confirmations } = plan;
  const counts = new Map<Kind, number>();
  let byItself = 0;
  let undone = 0;
  let deepestLoss = 0;

  /** @returns whether it was possible. Lasting disturbances continue during the next ones. */
  async function disturb(
    kind: Kind,
    { chain, rpc, workers }: ChainDeployment,
    lasting: Promise<void>[],
  ): Promise<boolean> {
    switch (kind) {
      case 'dropped transactions':
        return chain.dropOne(random, WAITS_FOR_ONE_MS);
      case 'reorganisations': {
        const done = await chain.reorganise(confirmations - 1, random, WAITS_FOR_ONE_MS);
        if (done === null) return false;
        undone += done.undone;
        if (random() < 0.5) lasting.push(rpc.stayOn(done.branch, 1_000 + random() * 4_000));
        return true;
      }
      case 'second views':
        lasting.push(rpc.fallBehind(1_000 + random() * 5_000));
        return true;
      case 'odd tokens':
        return behaveOtherwise(chain, random);
      case 'lagging receipts':
        lasting.push(rpc.lagReceipts(1_000 + random() * 4_000));
        return true;
      case 'lost replies':
        lasting.push(rpc.loseReplies(1_000 + random() * 2_000));
        return true;
      case 'refused connections':
        lasting.push(rpc.refuse(500 + random() * 1_500));
        return true;
      case 'cut connections':
        lasting.push(rpc.cut(1_000 + random() * 5_000));
        return true;
      case 'kills of anvil': {
        const lost = await chain.killAndRestart(random() * 500);
        deepestLoss = Math.max(deepestLoss, lost);
        log(`anvil was killed and lost its last ${lost} blocks`);
        return true;
      }
      case 'kills of workers':
        return killOneOf(workers, random);
    }
  }

  const figures = await runOnChain(
    { ...plan, setting: SETTING },
    {
      nextCrashPoint: () => null,
      onDeath: ({ by, lastLine }) => {
        if (by !== 'itself') return;
        byItself += 1;
        log(`a worker ended by itself: ${lastLine.slice(0, 300)}`);
      },
      act: async (deployment, flow) => {
        const lasting: Promise<void>[] = [];
        let deck: Kind[] = [];
        const until = performance.now() + GIVES_UP_MS;
        const isEnough = (done: number): boolean =>
          (done >= plan.disturbances && flow.acknowledged.size >= plan.orders) || performance.now() > until;
        for (let done = 0; !isEnough(done);) {
          if (deck.length === 0) deck = [...KINDS].sort(() => random() - 0.5);
          const kind = deck.pop() ?? 'kills of workers';
          if (!(await disturb(kind, deployment, lasting))) {
            log(`${kind}: not possible now`);
            continue;
          }
          done += 1;
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
          log(`${done} of ${plan.disturbances}: ${kind}`);
          await sleep(300 + random() * 1_500);
        }
        await Promise.all(lasting);
      },
    },
  );
  return {
    ...figures,
    counts: {
      ...figures.counts,
      ...Object.fromEntries(KINDS.map((kind) => [kind, counts.get(kind) ?? 0])),
      'transactions undone by reorganisations': undone,
      'deepest loss at a kill of anvil': deepestLoss,
      'workers that ended by themselves': byItself,
    },
    broken: {
      ...figures.broken,
      'no block was lost that counted as final':
        deepestLoss > confirmations ? [`${deepestLoss} blocks: the run proves nothing`] : [],
    },
  };
}
