/** A limit per day with two api processes on one store. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../src/stack-process/free-port.ts';
import { RoleProcess } from '../faults/role-process.ts';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo/mongo.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const ONE = 10n ** 18n;
const READY_MS = 30_000;

describe('a limit per day on SQLite', () => limits({ url: () => '', drop: () => Promise.resolve() }));
describeOnMongo('a limit per day on MongoDB', () => limits({ url: mongoUrl, drop: dropDatabase }));

function limits(medium: { url(): string; drop(url: string): Promise<void> }): void {
  let dir: TempDir;
  let url: string;
  let apis: RoleProcess[];

  beforeEach(() => {
    dir = tempDir();
    url = medium.url();
    apis = [];
  });
  afterEach(async () => {
    await Promise.all(apis.map((api) => api.stop()));
    await medium.drop(url);
    dir.remove();
  });

  async function startApi(limitsFile: string, crashAt: string | null = null): Promise<RoleProcess> {
    const crashPoints = [crashAt];
    const api = new RoleProcess({
      role: 'api',
      port: await freePort(0),
      main: MAIN,
      env: { ...process.env, DATA_DIR: dir.path, MONGODB_URL: url, LIMITS_FILE: limitsFile },
      logFile: join(dir.path, `api-${apis.length}.log`),
      nextCrashPoint: () => crashPoints.pop() ?? null,
    });
    apis.push(api);
    api.start();
    await api.ready(READY_MS);
    return api;
  }

  async function sell(
    api: RoleProcess,
    amount: bigint,
    key: string,
  ): Promise<{ status: number; code?: string }> {
    const response = await fetch(`${api.url}/api/orders/execute`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: amount.toString() }),
    });
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, ...(code === undefined ? {} : { code }) };
  }

  test('50 submissions at once over two apis are accepted up to the limit, and repeating them changes nothing', async () => {
    const file = join(dir.path, 'limits.json');
    writeFileSync(file, JSON.stringify({ perOwnerAndDay: { WETH: (20n * ONE).toString() } }));
    const both = [await startApi(file), await startApi(file)];
    const sellAll = () =>
      Promise.all(
        Array.from({ length: 50 }, async (_, n) => {
          const api = both[n % 2];
          if (api === undefined) throw new Error('two apis were started');
          return sell(api, ONE, `key-${n}`);
        }),
      );
    const first = await sellAll();
    expect(first.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(first.filter(({ code }) => code === 'limit_per_day')).toHaveLength(30);

    both.reverse();
    const again = await sellAll();
    expect(again.map(({ status }) => status)).toEqual(
      first.map(({ status }) => (status === 201 ? 200 : 403)),
    );
  }, 60_000);

  test('an api that dies between counting and storing an order has counted it, and the repetition is not counted again', async () => {
    const file = join(dir.path, 'limits.json');
    writeFileSync(file, JSON.stringify({ perOwnerAndDay: { WETH: (20n * ONE).toString() } }));
    const api = await startApi(file, 'submission.counted');
    await expect(sell(api, 15n * ONE, 'key')).rejects.toThrow();
    await eventually(
      () => api.deaths,
      (deaths) => deaths === 1,
    );
    await api.ready(READY_MS);
    expect(await sell(api, 6n * ONE, 'other')).toEqual({ status: 403, code: 'limit_per_day' });
    expect(await sell(api, 15n * ONE, 'key')).toEqual({ status: 201 });
    expect(await sell(api, 6n * ONE, 'other')).toEqual({ status: 403, code: 'limit_per_day' });
    expect(await sell(api, 5n * ONE, 'third')).toEqual({ status: 201 });
  }, 60_000);

  test('a process with invalid limits refuses to start, and names the field', async () => {
    const file = join(dir.path, 'limits.json');
    writeFileSync(file, '{"perOrder":{"WETH":1}}');
    const child = spawn(process.execPath, [...MAIN, 'api'], {
      env: { ...process.env, PORT: '0', DATA_DIR: dir.path, MONGODB_URL: url, LIMITS_FILE: file },
    });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said).toContain(
      `LIMITS_FILE is "${file}": perOrder.WETH: expected base units as a decimal string`,
    );
  }, 60_000);
}
