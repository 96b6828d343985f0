/**
 * Orders are posted and watched at two apis while everything around them fails at random: apis and workers are killed (at
 * named crash points, too) and restarted, stand still for longer than their heartbeat allows and go on, Redis and
 * MongoDB are killed and come back. Then everything is counted.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../../bench/percentile.ts';
import { readExecutions } from '../../src/chain/simulated-executions.ts';
import { dataFiles } from '../../src/data-files.ts';
import { freePort } from '../../src/demo/stack-process.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import { mongoServer, redisServer } from '../support/killable-server.ts';
import { audit } from './audit.ts';
import { OrderFlow } from './order-flow.ts';
import type { FaultFigures } from './promises.ts';
import { RoleProcess } from './role-process.ts';
import { Takeovers } from './takeovers.ts';

export interface RolesPlan {
  readonly orders: number;
  /** Posting keeps so many open. */
  readonly inFlight: number;
  /** `CRASH_AT` of some of the workers' lives, each used once. */
  readonly crashPoints: readonly string[];
  /** Besides those: how often something fails at random. */
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
  readonly pauses: number;
  readonly redisKills: number;
  readonly mongoKills: number;
  readonly everyProcessDied: boolean;
  readonly entriesDelivered: number;
  readonly ordersTakenOver: number;
  /** From the silence of a worker to the next entry of its orders. */
  readonly takeoverP50Ms: number;
  readonly takeoverP99Ms: number;
}

const APIS = 2;
const WORKERS = 3;
const READY_MS = 60_000;
const ENDED_MS = 240_000;
/** Longer than `DEAD_AFTER_MS`: the others have taken its orders when it goes on. */
const PAUSE_MS = 2_500;

export async function disturbTheRoles(plan: RolesPlan): Promise<RolesFigures> {
  const { dataDir, random, log } = plan;
  const redis = await redisServer();
  const mongo = await mongoServer(plan.mongoCommand);
  await Promise.all([redis.start(), mongo.start()]);
  const store = await openMongoStore({ url: mongo.url });
  const takeovers = new Takeovers(store);
  const crashPoints = [...plan.crashPoints];
  const env = {
    ...process.env,
    ...plan.env,
    DATA_DIR: dataDir,
    REDIS_URL: redis.url,
    MONGODB_URL: mongo.url,
    LOG_LEVEL: 'info',
  };
  const processes: RoleProcess[] = [];
  const roles = Array.from({ length: APIS + WORKERS }, (_, index) => (index < APIS ? 'api' : 'worker'));
  for (const [index, role] of roles.entries()) {
    processes.push(
      new RoleProcess({
        role,
        port: await freePort(0),
        main: plan.main,
        env,
        logFile: join(dataDir, `${role}-${index}.log`),
        ...(role === 'api'
          ? {}
          : {
              nextCrashPoint: () => crashPoints.shift() ?? null,
              onSilence: (workerId: string | null, at: number) => takeovers.sawSilence(workerId, at),
            }),
      }),
    );
  }
  const flow = new OrderFlow({
    urls: processes.filter(({ role }) => role === 'api').map(({ url }) => url),
    cancelShare: 0.1,
    cancelWithinMs: 5_000,
    random,
  });
  const counts = { pauses: 0, redisKills: 0, mongoKills: 0 };

  async function kill(index: number): Promise<void> {
    processes[index]?.kill();
    await sleep(random() * 1_000);
  }

  async function disturb(): Promise<void> {
    const draw = random();
    const any = Math.floor(random() * processes.length);
    if (draw < 0.15) {
      counts.redisKills += 1;
      await redis.kill();
      await sleep(random() * 1_000);
      await redis.start();
    } else if (draw < 0.3) {
      counts.mongoKills += 1;
      await mongo.kill();
      await sleep(random() * 500);
      await mongo.start();
    } else if (draw < 0.5) {
      counts.pauses += 1;
      await processes[any]?.pause(PAUSE_MS);
    } else {
      await kill(any);
    }
  }

  try {
    for (const each of processes) each.start();
    await Promise.all(processes.map((each) => each.ready(READY_MS)));
    const posting = flow.postKeeping(plan.orders, plan.inFlight);
    for (const [index] of processes.entries()) await kill(index);
    for (let turn = 1; turn <= plan.disturbances || crashPoints.length > 0; turn += 1) {
      await disturb();
      log(`${turn} of ${plan.disturbances}: ${flow.acknowledged.size} accepted, ${flow.open} open`);
      await sleep(500 + random() * 1_000);
    }
    await posting;
    const openAtEnd = await flow.ended(ENDED_MS);
    flow.watchers.close();
    const delays = await takeovers.delaysMs();
    const figures = {
      acknowledged: flow.acknowledged.size,
      deaths: processes.reduce((sum, { deaths }) => sum + deaths, 0),
      ...counts,
      everyProcessDied: processes.every(({ deaths }) => deaths > 0),
      openAtEnd,
      feedFaults: flow.watchers.faults(),
      entriesDelivered: flow.watchers.entries,
      ordersTakenOver: delays.length,
      takeoverP50Ms: percentile(delays, 50),
      takeoverP99Ms: percentile(delays, 99),
    };
    await Promise.all(processes.map((each) => each.stop()));
    const executions = readExecutions(dataFiles(dataDir).simulatedChain);
    return { ...figures, ...(await audit(store, executions, flow.acknowledged)) };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    await store.close();
    await Promise.all([redis.remove(), mongo.remove()]);
  }
}
