/**
 * Orders are posted and watched while the whole stack (the process and its redis-server) is killed again and again, at
 * random moments and at named crash points, and started anew on the same folder. Then everything is counted, by the
 * journals, by what the client saw, and by the submitter's own record.
 */
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startStack, type StackProcess } from '../../src/demo/stack-process.ts';
import { eventually } from '../support/eventually.ts';
import { audit } from './audit.ts';
import { postOrders } from './post-orders.ts';
import type { FaultFigures } from './promises.ts';
import { Watchers } from './watchers.ts';

export interface KillPlan {
  readonly orders: number;
  /** One kill each: null at a random moment, else `CRASH_AT`. */
  readonly kills: readonly (string | null)[];
  readonly dataDir: string;
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

export interface KillFigures extends FaultFigures {
  readonly kills: number;
  /** How many of the kills happened at the crash point they were meant for. */
  readonly atPoint: number;
  readonly entriesDelivered: number;
}

const READY_MS = 30_000;
const LONGEST_LIFE_MS = 6_000;
const ENDED_MS = 180_000;

export async function killTheStack(plan: KillPlan): Promise<KillFigures> {
  const port = await freePort(0);
  const output = openSync(join(plan.dataDir, 'stack.log'), 'a');
  const start = (crashAt: string | null): StackProcess =>
    startStack({
      main: plan.main,
      env: {
        ...process.env,
        ...plan.env,
        DATA_DIR: plan.dataDir,
        ...(crashAt === null ? {} : { CRASH_AT: crashAt }),
      },
      port,
      output,
    });
  const url = `http://127.0.0.1:${port}`;
  const watchers = new Watchers(url);
  const acknowledged = new Set<string>();
  const posting = postOrders({
    url,
    from: 0,
    to: plan.orders,
    cancelShare: 0.05,
    random: plan.random,
    accepted: (orderId) => {
      acknowledged.add(orderId);
      watchers.watch(orderId);
    },
  });

  let atPoint = 0;
  for (const [index, crashAt] of plan.kills.entries()) {
    const stack = start(crashAt);
    const died = await untilKilled(stack, crashAt, plan.random);
    if (died) atPoint += 1;
    await killRedis(plan.dataDir);
    const missed = crashAt === null || died ? '' : ' (not reached)';
    plan.log(
      `kill ${index + 1} of ${plan.kills.length}: ${crashAt ?? 'at random'}${missed}; ` +
        `${acknowledged.size} accepted, ${watchers.open(acknowledged)} open`,
    );
  }

  const last = start(null);
  await last.ready(READY_MS);
  await posting;
  await eventually(
    () => watchers.open(acknowledged),
    (open) => open === 0,
    ENDED_MS,
  ).catch(() => undefined);
  const openAtEnd = watchers.open(acknowledged);
  watchers.close();
  await last.end('SIGTERM');
  return {
    kills: plan.kills.length,
    atPoint,
    acknowledged: acknowledged.size,
    openAtEnd,
    feedFaults: watchers.faults(),
    entriesDelivered: watchers.entries,
    ...(await audit(plan.dataDir, acknowledged)),
  };
}

/** Whether it died by itself, at its crash point. */
async function untilKilled(
  stack: StackProcess,
  crashAt: string | null,
  random: () => number,
): Promise<boolean> {
  const gone = new Promise<true>((resolve) => stack.child.once('exit', () => resolve(true)));
  const isReady = stack.ready(READY_MS).then(
    () => false as const,
    () => true as const,
  );
  let died = await isReady;
  if (!died) {
    const lifeMs = crashAt === null ? 200 + random() * 1_500 : LONGEST_LIFE_MS;
    died = await Promise.race([gone, sleep(lifeMs).then(() => false as const)]);
  }
  await stack.end('SIGKILL');
  return died;
}

/** The private redis-server, as the run file names it. */
async function killRedis(dataDir: string): Promise<void> {
  try {
    const run: unknown = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
    const pid = (run as { redis?: { pid?: number } }).redis?.pid;
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It was not started yet, or is gone already.
  }
  await sleep(20);
}
