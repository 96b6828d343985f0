import { afterEach, expect, test } from '@jest/globals';
import { mulberry } from '../support/seeded-random.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { everyCrashPoint } from './crash-points.ts';
import { killTheStack } from './kill-the-stack.ts';
import { loseRedis } from './lose-redis.ts';
import { brokenPromises } from './promises.ts';

/** `npm run chaos` does the same with 1,000 orders. */
const ORDERS = 100;
const RANDOM_KILLS = 3;
const MINUTES = 60_000;

const main = ['--import', 'tsx', 'src/main.ts'];
const env = { SIMULATED_LATENCY_MS: '600', SIMULATED_BLOCK_MS: '800', LOG_LEVEL: 'warn' };

let dir: TempDir;
afterEach(() => dir.remove());

test(
  'the whole stack is killed at random and at each named crash point, and every promise holds',
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
  'Redis loses everything, dies and comes back, and every promise holds without a restart of the process',
  async () => {
    dir = tempDir();
    const figures = await loseRedis({ orders: ORDERS, dataDir: dir.path, main, env, log: () => undefined });
    expect(brokenPromises(figures)).toEqual([]);
    expect(figures.openAtKill).toBeGreaterThan(ORDERS / 2);
  },
  5 * MINUTES,
);
