/** Kills workers at named points around the steps of a transaction, and at random moments. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainDeployment } from './chain-deployment.ts';
import { runOnChain, type RunFigures, type RunPlan } from './chain-run.ts';
import { KillSchedule } from './kill-schedule.ts';

/** A crash point that is not reached within this time is given to another worker. */
const LONGEST_LIFE_MS = 25_000;
/** On a busy machine workers spend most of the time starting. */
const GIVES_UP_MS = 1_200_000;
const POLL_MS = 100;

export interface KillsPlan extends RunPlan {
  /** The least number of kills. */
  readonly kills: number;
  /** How often each point is to be reached. Less than 1: only the submitter's points, once. */
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
      schedule.recordDeath(death);
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

/** Kills a worker if another one runs to take its orders. @returns whether one was killed */
export async function killOneOf(workers: ChainDeployment['workers'], random: () => number): Promise<boolean> {
  const answers = await Promise.all(workers.map((worker) => worker.isReady()));
  const running = workers.filter((_, index) => answers[index]);
  if (running.length < 2) return false;
  running[Math.floor(random() * running.length)]?.kill();
  return true;
}
