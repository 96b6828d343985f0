/**
 * Posts and watches orders while Redis loses all data (FLUSHALL), and then is killed and restarted empty. The stack is not
 * restarted.
 */
import { execFileSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack } from '../../src/stack-process/start-stack.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { auditFolder } from './audit.ts';
import { OrderFlow } from './order-flow.ts';
import type { FaultFigures } from './promises.ts';

const ENDED_MS = 120_000;

export interface LossPlan {
  readonly orders: number;
  /** Posted after the flush, and again after the kill: new orders need the queue that was lost. */
  readonly moreOrders: number;
  readonly dataDir: string;
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly log: (line: string) => void;
}

export interface LossFigures extends FaultFigures {
  readonly openAtFlush: number;
  readonly openAtKill: number;
  readonly entriesDelivered: number;
}

export async function loseRedis({
  orders,
  moreOrders,
  dataDir,
  main,
  env,
  random,
  log,
}: LossPlan): Promise<LossFigures> {
  const stack = startStack({
    main,
    env: { ...process.env, MONGODB_URL: '', EXECUTION: 'simulated', ...env, DATA_DIR: dataDir },
    port: await freePort(0),
    output: openSync(join(dataDir, 'stack.log'), 'a'),
  });
  await stack.ready(30_000);
  const flow = new OrderFlow({
    urls: [stack.url],
    cancelShare: 0.05,
    cancelWithinMs: 2_000,
    random,
  });
  await flow.post(orders);
  const openAtFlush = flow.open;
  const redis = readRunFile(join(dataDir, 'run.json'))?.redis;
  if (redis === undefined) throw new Error(`no private redis-server runs for ${dataDir}`);
  execFileSync('redis-cli', ['-s', redis.socketPath, 'FLUSHALL'], { stdio: 'ignore' });
  log(`FLUSHALL with ${openAtFlush} orders open`);
  await flow.post(moreOrders);
  const openAtKill = flow.open;
  process.kill(redis.pid, 'SIGKILL');
  log(`kill -9 of Redis with ${openAtKill} orders open`);
  await flow.post(moreOrders);
  const openAtEnd = await flow.ended(ENDED_MS);
  flow.watchers.close();
  await stack.end('SIGTERM');
  return {
    openAtFlush,
    openAtKill,
    acknowledged: flow.acknowledged.size,
    openAtEnd,
    feedFaults: flow.watchers.faults(),
    entriesDelivered: flow.watchers.entries,
    ...(await auditFolder(dataDir, flow.acknowledged)),
  };
}
