/**
 * Orders are posted and watched while Redis loses everything (FLUSHALL), and then dies and comes back empty. The process
 * is not restarted.
 */
import { execFileSync } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startStack } from '../../src/demo/stack-process.ts';
import { eventually } from '../support/eventually.ts';
import { audit } from './audit.ts';
import { postOrders } from './post-orders.ts';
import type { FaultFigures } from './promises.ts';
import { Watchers } from './watchers.ts';

export interface LossPlan {
  readonly orders: number;
  readonly dataDir: string;
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export interface LossFigures extends FaultFigures {
  readonly openAtFlush: number;
  readonly openAtKill: number;
  readonly entriesDelivered: number;
}

export async function loseRedis({ orders, dataDir, main, env, log }: LossPlan): Promise<LossFigures> {
  const stack = startStack({
    main,
    env: { ...process.env, ...env, DATA_DIR: dataDir },
    port: await freePort(0),
    output: openSync(join(dataDir, 'stack.log'), 'a'),
  });
  await stack.ready(30_000);
  const watchers = new Watchers(stack.url);
  const acknowledged = new Set<string>();
  const accepted = (orderId: string): void => {
    acknowledged.add(orderId);
    watchers.watch(orderId);
  };
  await postOrders({ url: stack.url, from: 0, to: orders, cancelShare: 0.05, random: Math.random, accepted });
  const openAtFlush = watchers.open(acknowledged);
  const redis = readRunFile(dataDir);
  execFileSync('redis-cli', ['-s', redis.socketPath, 'FLUSHALL'], { stdio: 'ignore' });
  log(`FLUSHALL with ${openAtFlush} orders open`);
  await postOrders({
    url: stack.url,
    from: orders,
    to: orders + 100,
    cancelShare: 0,
    random: Math.random,
    accepted,
  });
  const openAtKill = watchers.open(acknowledged);
  process.kill(redis.pid, 'SIGKILL');
  log(`kill -9 of Redis with ${openAtKill} orders open`);
  await postOrders({
    url: stack.url,
    from: orders + 100,
    to: orders + 200,
    cancelShare: 0,
    random: Math.random,
    accepted,
  });
  await eventually(
    () => watchers.open(acknowledged),
    (open) => open === 0,
    120_000,
  ).catch(() => undefined);
  const openAtEnd = watchers.open(acknowledged);
  watchers.close();
  await stack.end('SIGTERM');
  return {
    openAtFlush,
    openAtKill,
    acknowledged: acknowledged.size,
    openAtEnd,
    feedFaults: watchers.faults(),
    entriesDelivered: watchers.entries,
    ...(await audit(dataDir, acknowledged)),
  };
}

function readRunFile(dataDir: string): { readonly pid: number; readonly socketPath: string } {
  const run: unknown = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
  return (run as { readonly redis: { readonly pid: number; readonly socketPath: string } }).redis;
}
