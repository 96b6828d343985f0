import { afterEach, expect, test } from '@jest/globals';
import { mongoCommand } from '../support/killable-server.ts';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { everyCrashPoint, workersCrashPoints } from './crash-points.ts';
import { disturbTheRoles } from './disturb-the-roles.ts';
import { killTheStack } from './kill-the-stack.ts';
import { loseRedis } from './lose-redis.ts';
import { brokenPromises } from './promises.ts';

/** `npm run chaos` runs the same with 1,000 orders. */
const ORDERS = 100;
const RANDOM_KILLS = 3;
const MINUTES = 60_000;

const main = ['--import', 'tsx', 'src/main.ts'];
const env = { SIMULATED_LATENCY_MS: '600', SIMULATED_BLOCK_MS: '800', LOG_LEVEL: 'warn' };

let dir: TempDir;
afterEach(() => dir.remove());

test(
  'every promise holds when the stack is killed at random moments and at each named crash point',
  async () => {
    dir = tempDir();
    const seed = Date.now() % 1_000_000;
    const random = mulberry(seed);
    const points = everyCrashPoint(random);
    const lines: string[] = [`seed ${seed}`];
    const figures = await killTheStack({
      inFlight: ORDERS,
      kills: [...Array.from({ length: RANDOM_KILLS }, () => null), ...points],
      dataDir: dir.path,
      main,
      env,
      random,
      log: (line) => lines.push(line),
    });
    expect({ broken: brokenPromises(figures), lines }).toEqual({ broken: [], lines });
    expect({ missed: lines.filter((line) => line.includes('not reached')) }).toEqual({ missed: [] });
    expect(figures.confirmed).toBeGreaterThan(ORDERS / 2);
  },
  10 * MINUTES,
);

test(
  'every promise holds when Redis loses all data, and when it is killed and restarted',
  async () => {
    dir = tempDir();
    const figures = await loseRedis({ orders: ORDERS, dataDir: dir.path, main, env, log: () => undefined });
    expect(brokenPromises(figures)).toEqual([]);
    expect(figures.openAtKill).toBeGreaterThan(ORDERS / 2);
  },
  5 * MINUTES,
);

const command = mongoCommand();
const onMongo = command === null ? test.skip : test;

onMongo(
  'every promise holds when apis, workers, Redis and MongoDB fail (needs mongod, or MONGODB_COMMAND)',
  async () => {
    dir = tempDir();
    const seed = Date.now() % 1_000_000;
    const random = mulberry(seed);
    const lines: string[] = [`seed ${seed}`];
    const figures = await disturbTheRoles({
      orders: ORDERS,
      inFlight: ORDERS / 4,
      // Only a few, because each needs a restart. `npm run chaos` uses all.
      crashPoints: workersCrashPoints(random).filter(() => random() < 0.2),
      disturbances: 6,
      dataDir: dir.path,
      mongoCommand: command ?? '',
      main,
      // Simulated failures delay an order by seconds, which is not measured here.
      env: { SIMULATED_LATENCY_MS: '300', SIMULATED_BLOCK_MS: '400', SIMULATED_FAILURES: '0' },
      random,
      log: (line) => lines.push(line),
    });
    expect({ broken: brokenPromises(figures), lines }).toEqual({ broken: [], lines });
    expect(figures).toMatchObject({ everyProcessDied: true });
    expect(figures.ordersTakenOver).toBeGreaterThan(0);
  },
  10 * MINUTES,
);
