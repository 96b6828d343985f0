/** Workers die: at named points around allocate, sign, save, arm, send and receipt, and at random moments. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainDeployment } from './chain-deployment.ts';
import { runOnChain, type RunFigures, type RunPlan } from './chain-run.ts';
import { KillSchedule } from './kill-schedule.ts';

/** A point that nobody came by within this is given to another life. */
const LONGEST_LIFE_MS = 25_000;
/** On a busy machine most of a worker's life is its start. */
const GIVES_UP_MS = 1_200_000;
const POLL_MS = 100;

export interface KillsPlan extends RunPlan {
  /** At least. */
  readonly kills: number;
  /** How often each point is to be reached; less than 1: only the submitter's, once. */
  readonly rounds: number;
}

export async function killTheWorkers(plan: KillsPlan): Promise<RunFigures> {
  const { random, log, kills } = plan;
  const schedule = new KillSchedule(plan.rounds, random);
  const atRandom = Math.max(kills - schedule.left, Math.ceil(kills / 8));
  let lastDeathAt = performance.now();
  const figures = await runOnChain(plan, {
    nextCrashPoint: () => schedule.next(),
    onDeath: (death) => {
      lastDeathAt = performance.now();
      schedule.saw(death);
      log(`a worker died by ${death.by} (${death.crashPoint ?? 'no point'}); ${schedule.left} points left`);
    },
    act: async ({ workers }) => {
      const until = performance.now() + GIVES_UP_MS;
      while (
        performance.now() < until &&
        (schedule.left > 0 || schedule.atRandom < atRandom || schedule.kills < kills)
      ) {
        const isIdle = performance.now() - lastDeathAt > LONGEST_LIFE_MS;
        if (schedule.atRandom < atRandom || schedule.left === 0 || isIdle) {
          await killOneOf(workers, random);
          await sleep(200 + random() * 1_000);
        } else await sleep(POLL_MS);
      }
    },
  });
  return {
    ...figures,
    counts: {
      ...figures.counts,
      kills: schedule.kills,
      'kills at random': schedule.atRandom,
      ...Object.fromEntries([...schedule.reached()].map(([name, count]) => [`kills at ${name}`, count])),
    },
    broken: {
      ...figures.broken,
      'a worker died at each named point': schedule.unreached(),
      'as many kills as were asked for': schedule.kills < kills ? [`${schedule.kills} of ${kills}`] : [],
    },
  };
}

/** Leaves one that runs: what is looked at is how others go on. @returns whether one was killed */
export async function killOneOf(workers: ChainDeployment['workers'], random: () => number): Promise<boolean> {
  const answers = await Promise.all(workers.map((worker) => worker.isReady()));
  const running = workers.filter((_, index) => answers[index]);
  if (running.length < 2) return false;
  running[Math.floor(random() * running.length)]?.kill();
  return true;
}
