/**
 * `npm run chaos`: 1,000 orders while the whole stack is killed 20 times at random and once at each named crash point,
 * and then 1,000 orders through the loss of everything in Redis. Prints what was counted; fails if a promise did not hold.
 */
import { parseArgs } from 'node:util';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir } from '../support/temp-dir.ts';
import { everyCrashPoint } from './crash-points.ts';
import { killTheStack } from './kill-the-stack.ts';
import { loseRedis } from './lose-redis.ts';
import { printTable } from './print-table.ts';
import { brokenPromises } from './promises.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const random = mulberry(Number(values.seed));
const orders = Number(values.orders);
const main = ['--import', 'tsx', 'src/main.ts'];
/** Slow enough that orders are in flight when the kill comes, and room for all of them to run at once. */
const env = {
  SIMULATED_LATENCY_MS: '1500',
  SIMULATED_BLOCK_MS: '1000',
  CONCURRENCY: '2000',
  LOG_LEVEL: 'warn',
};
const log = (line: string): void => console.log(line);
const broken: string[] = [];

log(`seed ${values.seed}`);
const killed = tempDir();
const kills = [...Array.from({ length: Number(values.kills) }, () => null), ...everyCrashPoint(random)];
const afterKills = await killTheStack({
  inFlight: orders,
  kills,
  dataDir: killed.path,
  main,
  env,
  random,
  log,
});
printTable('kill -9 of the whole stack', afterKills, log);
broken.push(...brokenPromises(afterKills));

const lost = tempDir();
const afterLoss = await loseRedis({ orders, dataDir: lost.path, main, env, log });
printTable('FLUSHALL, then kill -9 of Redis', afterLoss, log);
broken.push(...brokenPromises(afterLoss));

for (const promise of broken) log(`BROKEN: ${promise}`);
if (broken.length === 0) {
  killed.remove();
  lost.remove();
} else log(`the files are in ${killed.path} and ${lost.path}`);
process.exit(broken.length === 0 ? 0 : 1);
