/**
 * Posts and watches orders at two apis, with three workers, on MongoDB.
 *
 * First one worker at a time dies, by `kill -9` and at each named crash point. This part measures how long the orders of a
 * dead worker wait. Then everything fails at random: apis and workers are killed and restarted, or paused for longer than
 * their heartbeat allows, and Redis and MongoDB are killed and restarted. At the end everything is audited.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../bench/percentile.ts';
import { Deployment } from './deployment.ts';
import { OrderFlow } from './order-flow.ts';
import type { FaultFigures } from './promises.ts';
import { Takeovers } from './takeovers.ts';

export interface RolesPlan {
  /** The least number of orders. */
  readonly orders: number;
  /** How many orders are kept open. */
  readonly inFlight: number;
  /** `CRASH_AT` of the first worker's starts, each used once. */
  readonly crashPoints: readonly string[];
  /** The number of failures in the second part. */
  readonly disturbances: number;
  readonly dataDir: string;
  readonly mongoCommand: string;
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

export interface RolesFigures extends FaultFigures {
  readonly deaths: number;
  readonly atCrashPoint: number;
  readonly pauses: number;
  readonly redisKills: number;
  readonly mongoKills: number;
  readonly everyProcessDied: boolean;
  readonly entriesDelivered: number;
  /** Orders of dead workers in the first part. */
  readonly ordersTakenOver: number;
  /** From the death of a worker until another worker has its orders. */
  readonly resumedP50Ms: number;
  readonly resumedP99Ms: number;
  /** From the death of a worker to the next entries of its orders, including the repeated effects. */
  readonly takeoverP50Ms: number;
  readonly takeoverP99Ms: number;
}

/** A worker that does not pass its crash point within this time is killed. */
const LONGEST_LIFE_MS = 15_000;
/** Longer than `DEAD_AFTER_MS`: other workers have its orders when it continues. */
const PAUSE_MS = 2_500;
const READY_MS = 60_000;
const ENDED_MS = 240_000;

export async function disturbTheRoles(plan: RolesPlan): Promise<RolesFigures> {
  const { random } = plan;
  const crashPoints = [...plan.crashPoints];
  let takeovers: Takeovers | null = null;
  const deployment = await Deployment.start({
    ...plan,
    nextCrashPoint: () => crashPoints.shift() ?? null,
    onSilence: (workerId, at) => takeovers?.sawSilence(workerId, at),
  });
  const measured = new Takeovers(deployment.store);
  takeovers = measured;
  const flow = new OrderFlow({
    urls: deployment.apis.map(({ url }) => url),
    cancelShare: 0.1,
    cancelWithinMs: 5_000,
    random,
  });
  try {
    const enough = new AbortController();
    const posting = flow.keepOpen(plan.inFlight, enough.signal);
    const atCrashPoint = await oneAtATime(deployment, crashPoints, plan);
    takeovers = null;
    const counts = await allAtOnce(deployment, flow, plan);
    enough.abort();
    await posting;
    await flow.postKeeping(plan.orders - flow.acknowledged.size, plan.inFlight);

    const openAtEnd = await flow.ended(ENDED_MS);
    flow.watchers.close();
    const delays = await measured.delaysMs();
    const resumed = await measured.resumedAfterMs();
    return {
      acknowledged: flow.acknowledged.size,
      deaths: deployment.processes.reduce((sum, { deaths }) => sum + deaths, 0),
      atCrashPoint,
      ...counts,
      everyProcessDied: deployment.processes.every(({ deaths }) => deaths > 0),
      openAtEnd,
      feedFaults: flow.watchers.faults(),
      entriesDelivered: flow.watchers.entries,
      ordersTakenOver: delays.length,
      resumedP50Ms: percentile(resumed, 50),
      resumedP99Ms: percentile(resumed, 99),
      takeoverP50Ms: percentile(delays, 50),
      takeoverP99Ms: percentile(delays, 99),
      ...(await deployment.audit(flow.acknowledged)),
    };
  } finally {
    await deployment.stop();
  }
}

/** @returns how many of the deaths happened at their crash points */
async function oneAtATime(
  { workers }: Deployment,
  crashPoints: readonly string[],
  { log, random }: RolesPlan,
): Promise<number> {
  let atCrashPoint = 0;
  for (const worker of workers) {
    await sleep(500 + random() * 1_000);
    worker.kill();
    await worker.ready(READY_MS);
  }
  const [victim] = workers;
  if (victim === undefined) throw new Error('there is no worker to die');
  // The running process has a crash point, too.
  for (let left = crashPoints.length; left >= 0; left -= 1) {
    const deathsBefore = victim.deaths;
    const until = performance.now() + LONGEST_LIFE_MS;
    while (victim.deaths === deathsBefore && performance.now() < until) await sleep(50);
    if (victim.deaths > deathsBefore) atCrashPoint += 1;
    else victim.kill();
    log(`${left} crash points left`);
  }
  return atCrashPoint;
}

async function allAtOnce(
  { processes, redis, mongo }: Deployment,
  flow: OrderFlow,
  { disturbances, random, log }: RolesPlan,
): Promise<Pick<RolesFigures, 'pauses' | 'redisKills' | 'mongoKills'>> {
  const counts = { pauses: 0, redisKills: 0, mongoKills: 0 };
  for (const each of processes) {
    each.kill();
    await sleep(random() * 1_000);
  }
  for (let turn = 1; turn <= disturbances; turn += 1) {
    const one = processes[Math.floor(random() * processes.length)];
    const draw = random();
    if (turn === 1 || draw < 0.15) {
      counts.redisKills += 1;
      await redis.kill();
      await sleep(random() * 1_000);
      await redis.start();
    } else if (turn === 2 || draw < 0.3) {
      counts.mongoKills += 1;
      await mongo.kill();
      await sleep(random() * 500);
      await mongo.start();
    } else if (turn === 3 || draw < 0.5) {
      counts.pauses += 1;
      await one?.pause(PAUSE_MS);
    } else {
      one?.kill();
    }
    log(`${turn} of ${disturbances}: ${flow.acknowledged.size} accepted, ${flow.open} open`);
    await sleep(500 + random() * 1_000);
  }
  return counts;
}
