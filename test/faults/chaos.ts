/**
 * `npm run chaos`: the fault suite of `npm test` with many orders. The embedded stack is killed at random moments and at each
 * named crash point; it loses all data in Redis; apis and workers on MongoDB, Redis and MongoDB are killed and paused.
 * `-- --only stack|redis|roles` runs one of the three. Prints the counts, and fails if a promise is broken.
 */
import { parseArgs } from 'node:util';
import { mongoCommand } from '../support/killable-server.ts';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir } from '../support/temp-dir.ts';
import { everyCrashPoint, workersCrashPoints } from './crash-points.ts';
import { disturbTheRoles } from './disturb-the-roles.ts';
import { killTheStack } from './kill-the-stack.ts';
import { loseRedis } from './lose-redis.ts';
import { printTable } from './print-table.ts';
import { brokenPromises, type FaultFigures } from './promises.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
  },
});

const random = mulberry(Number(values.seed));
const orders = Number(values.orders);
const main = ['dist/src/main.js'];
/** Slow enough that orders are open at each kill, with capacity for all of them at once. */
const env = {
  SIMULATED_LATENCY_MS: '1500',
  SIMULATED_BLOCK_MS: '1000',
  CONCURRENCY: '2000',
  LOG_LEVEL: 'warn',
};
const log = (line: string): void => console.log(line);

type Run = (dataDir: string) => Promise<FaultFigures>;

const RUNS: Readonly<Record<string, readonly [title: string, run: Run]>> = {
  stack: [
    'kill -9 of the whole stack',
    (dataDir) => {
      const kills = [...Array.from({ length: Number(values.kills) }, () => null), ...everyCrashPoint(random)];
      return killTheStack({ inFlight: orders, kills, dataDir, main, env, random, log });
    },
  ],
  redis: [
    'FLUSHALL, then kill -9 of Redis',
    (dataDir) => loseRedis({ orders, moreOrders: 100, dataDir, main, env, random, log }),
  ],
  roles: [
    'two apis and three workers, Redis and MongoDB',
    (dataDir) => {
      const command = mongoCommand();
      if (command === null) throw new Error('no MongoDB: install mongod, or set MONGODB_COMMAND');
      return disturbTheRoles({
        orders: 2 * orders,
        inFlight: Math.ceil(orders / 10),
        crashPoints: workersCrashPoints(random),
        disturbances: Number(values.kills),
        dataDir,
        mongoCommand: command,
        main,
        // Simulated failures delay an order by seconds, which is not measured here.
        env: { SIMULATED_LATENCY_MS: '300', SIMULATED_BLOCK_MS: '400', SIMULATED_FAILURES: '0' },
        random,
        log,
      });
    },
  ],
};

const wanted = values.only === '' ? Object.keys(RUNS) : [values.only];
let isBroken = false;
log(`seed ${values.seed}`);
for (const name of wanted) {
  const [title, run] = RUNS[name] ?? [];
  if (title === undefined || run === undefined) {
    throw new Error(`--only ${name}: expected one of ${Object.keys(RUNS).join(', ')}`);
  }
  const dir = tempDir();
  const figures = await run(dir.path);
  printTable(title, figures, log);
  const broken = brokenPromises(figures);
  for (const promise of broken) log(`BROKEN: ${promise}`);
  if (broken.length === 0) dir.remove();
  else log(`the files are kept in ${dir.path}`);
  isBroken ||= broken.length > 0;
}
process.exit(isBroken ? 1 : 0);
