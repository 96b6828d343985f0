/**
 * Posts and watches orders while the whole stack (the process and its redis-server) is killed repeatedly, at random moments and
 * at named crash points, and restarted on the same folder. Then it audits the journals, the entries that the clients received,
 * and the submitter's record.
 */
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { auditFolder } from './audit.ts';
import { OrderFlow } from './order-flow.ts';
import type { FaultFigures } from './promises.ts';

export interface KillPlan {
  /** How many orders are kept open during the kills. */
  readonly inFlight: number;
  /** The kills: null at a random moment, else the `CRASH_AT`. */
  readonly kills: readonly (string | null)[];
  readonly dataDir: string;
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

export interface KillFigures extends FaultFigures {
  readonly kills: number;
  /** How many of the kills were to happen at a crash point, and did. */
  readonly atCrashPoint: number;
  readonly fewestOpenAtAKill: number;
  readonly entriesDelivered: number;
}

const READY_MS = 30_000;
/** A stack that does not pass its crash point within this time is killed, and the point is reported as not reached. */
const LONGEST_LIFE_MS = 20_000;
const ENDED_MS = 180_000;

export async function killTheStack(plan: KillPlan): Promise<KillFigures> {
  const port = await freePort(0);
  const output = openSync(join(plan.dataDir, 'stack.log'), 'a');
  const start = (crashAt: string | null): StackProcess =>
    startStack({
      main: plan.main,
      env: {
        ...process.env,
        MONGODB_URL: '',
        EXECUTION: 'simulated',
        ...plan.env,
        DATA_DIR: plan.dataDir,
        ...(crashAt === null ? {} : { CRASH_AT: crashAt }),
      },
      port,
      output,
    });
  const flow = new OrderFlow({
    urls: [`http://127.0.0.1:${port}`],
    cancelShare: 0.2,
    cancelWithinMs: 10_000,
    random: plan.random,
  });

  await fill(start(null), flow, plan.inFlight);
  await killRedis(plan.dataDir);
  const enough = new AbortController();
  const posting = flow.keepOpen(plan.inFlight, enough.signal);
  let atCrashPoint = 0;
  let fewestOpenAtAKill = flow.open;
  for (const [index, crashAt] of plan.kills.entries()) {
    const died = await untilKilled(start(crashAt), crashAt, plan.random);
    await killRedis(plan.dataDir);
    if (died) atCrashPoint += 1;
    fewestOpenAtAKill = Math.min(fewestOpenAtAKill, flow.open);
    const missed = crashAt === null || died ? '' : ' (not reached)';
    plan.log(
      `kill ${index + 1} of ${plan.kills.length}: ${crashAt ?? 'at random'}${missed}; ` +
        `${flow.acknowledged.size} accepted, ${flow.open} open`,
    );
  }

  enough.abort();
  const last = start(null);
  await last.ready(READY_MS);
  await posting;
  const openAtEnd = await flow.ended(ENDED_MS);
  flow.watchers.close();
  await last.end('SIGTERM');
  return {
    kills: plan.kills.length + 1,
    atCrashPoint,
    fewestOpenAtAKill,
    acknowledged: flow.acknowledged.size,
    openAtEnd,
    feedFaults: flow.watchers.faults(),
    entriesDelivered: flow.watchers.entries,
    ...(await auditFolder(plan.dataDir, flow.acknowledged)),
  };
}

/** Posts the orders at the first stack, and kills it when all are accepted. */
async function fill(stack: StackProcess, flow: OrderFlow, inFlight: number): Promise<void> {
  await stack.ready(READY_MS);
  await flow.post(inFlight);
  await stack.end('SIGKILL');
}

/** @returns whether it died at its crash point */
async function untilKilled(
  stack: StackProcess,
  crashAt: string | null,
  random: () => number,
): Promise<boolean> {
  const gone = new Promise<true>((resolve) => stack.child.once('exit', () => resolve(true)));
  let died = await stack.ready(READY_MS).then(
    () => false,
    () => true,
  );
  if (!died) {
    const lifeMs = crashAt === null ? 200 + random() * 1_500 : LONGEST_LIFE_MS;
    died = await Promise.race([gone, sleep(lifeMs).then(() => false)]);
  }
  await stack.end('SIGKILL');
  return died;
}

/** Kills the private redis-server that the run file notes. */
async function killRedis(dataDir: string): Promise<void> {
  const redis = readRunFile(join(dataDir, 'run.json'))?.redis;
  if (redis === undefined) return;
  try {
    process.kill(redis.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
  await sleep(20);
}
