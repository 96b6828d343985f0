import { afterEach, expect, test } from '@jest/globals';
import { mongoCommand } from '../support/killable-server.ts';
import { MAIN } from '../support/programs.ts';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { everyCrashPoint, workersCrashPoints } from './crash-points.ts';
import { disturbTheRoles } from './disturb-the-roles.ts';
import { drawSome, isLong, takeSeed } from './form.ts';
import { killTheStack } from './kill-the-stack.ts';
import { loseRedis } from './lose-redis.ts';
import { brokenPromises } from './promises.ts';

/** `npm run chaos` runs the same with 1,000 orders. Crash points: of the stack, and of a worker among others. */
const FORM = isLong
  ? { orders: 100, randomKills: 3, crashPoints: Infinity, workersCrashPoints: 6, disturbances: 6 }
  : { orders: 30, randomKills: 1, crashPoints: 5, workersCrashPoints: 2, disturbances: 3 };
const MINUTES = 60_000;

const env = { SIMULATED_LATENCY_MS: '600', SIMULATED_BLOCK_MS: '800', LOG_LEVEL: 'warn' };

let dir: TempDir;
afterEach(() => dir.remove());

test(
  'every promise holds when the stack is killed at random moments and at named crash points (FAULTS=long: at each)',
  async () => {
    dir = tempDir();
    const seed = takeSeed();
    const random = mulberry(seed);
    const points = drawSome(everyCrashPoint(random), FORM.crashPoints, random);
    const lines: string[] = [`seed ${seed}`];
    const figures = await killTheStack({
      inFlight: FORM.orders,
      kills: [...Array.from({ length: FORM.randomKills }, () => null), ...points],
      dataDir: dir.path,
      main: MAIN,
      env,
      random,
      log: (line) => lines.push(line),
    });
    expect({ broken: brokenPromises(figures), lines }).toEqual({ broken: [], lines });
    expect({ seed, missed: lines.filter((line) => line.includes('not reached')) }).toEqual({
      seed,
      missed: [],
    });
    expect(figures.confirmed).toBeGreaterThan(FORM.orders / 2);
  },
  10 * MINUTES,
);

test(
  'every promise holds when Redis loses all data, and when it is killed and restarted',
  async () => {
    dir = tempDir();
    const seed = takeSeed();
    const figures = await loseRedis({
      orders: FORM.orders,
      moreOrders: FORM.orders,
      dataDir: dir.path,
      main: MAIN,
      env,
      random: mulberry(seed),
      log: () => undefined,
    });
    expect({ seed, broken: brokenPromises(figures) }).toEqual({ seed, broken: [] });
    expect(figures.openAtKill).toBeGreaterThan(FORM.orders / 2);
  },
  5 * MINUTES,
);

const command = mongoCommand();
const onMongo = command === null ? test.skip : test;

onMongo(
  'every promise holds when apis, workers, Redis and MongoDB fail (needs mongod, or MONGODB_COMMAND)',
  async () => {
    dir = tempDir();
    const seed = takeSeed();
    const random = mulberry(seed);
    const lines: string[] = [`seed ${seed}`];
    const figures = await disturbTheRoles({
      orders: FORM.orders,
      inFlight: Math.ceil(FORM.orders / 4),
      // Only a few, because each needs a restart. `npm run chaos` uses all.
      crashPoints: drawSome(workersCrashPoints(random), FORM.workersCrashPoints, random),
      disturbances: FORM.disturbances,
      dataDir: dir.path,
      mongoCommand: command ?? '',
      main: MAIN,
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
