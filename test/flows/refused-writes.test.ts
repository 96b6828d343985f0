/** A MongoDB that answers reads and refuses writes: an api says that it is not ready, and why, until writes work again. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo/mongo.ts';
import { RefusingProxy, type Refusal } from '../support/mongo/refusing-proxy.ts';
import { OwnStacks } from '../support/own-stack.ts';

const READY_WITHIN_MS = 60_000;
const ANSWERED_WITHIN_MS = 5_000;

const REFUSALS: readonly (readonly [string, Refusal, RegExp])[] = [
  [
    'has no more disk',
    { ok: 0, code: 14031, codeName: 'OutOfDiskSpace', errmsg: 'available disk space is below the minimum' },
    /available disk space is below the minimum/,
  ],
  [
    'is no primary any more',
    { ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'not primary' },
    /not primary/,
  ],
  [
    'does not let the user write',
    { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized on fillstream to execute command' },
    /not authorized on fillstream/,
  ],
  [
    'has no majority that confirms a write',
    {
      ok: 1,
      n: 1,
      nModified: 1,
      writeConcernError: {
        code: 64,
        codeName: 'WriteConcernTimeout',
        errmsg: 'waiting for replication timed out',
      },
    },
    /waiting for replication timed out/,
  ],
];

const healthSchema = z.object({
  status: z.string(),
  parts: z.object({ store: z.object({ status: z.string(), message: z.string().optional() }) }),
});

describeOnMongo('an api on a MongoDB that refuses writes', () => {
  const stacks = new OwnStacks();
  let database: string;
  let proxy: RefusingProxy;
  let url: string;

  beforeAll(async () => {
    database = mongoUrl();
    const { hostname, port, pathname } = new URL(database);
    proxy = await RefusingProxy.to(hostname, Number(port || 27017));
    const api = await stacks.start('api', {
      EXECUTION: 'simulated',
      MONGODB_URL: `mongodb://127.0.0.1:${proxy.port}${pathname}?directConnection=true`,
    });
    await api.ready(READY_WITHIN_MS);
    url = api.url;
  }, READY_WITHIN_MS);
  afterAll(async () => {
    await stacks.remove();
    await proxy.close();
    await dropDatabase(database);
  }, READY_WITHIN_MS);

  const readiness = async (): Promise<number> => (await fetch(`${url}/ready`)).status;
  const storeHealth = async () => {
    const { status, parts } = healthSchema.parse(await (await fetch(`${url}/health`)).json());
    return { status, store: parts.store };
  };
  const submit = (key: string): Promise<Response> =>
    fetch(`${url}/api/orders/execute`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' }),
    });

  test.each(REFUSALS)(
    'because it %s is not ready, says why, and refuses orders in time; all are well again when writes work',
    async (which, refusal, why) => {
      proxy.refuseWrites(refusal);
      expect(await readiness()).toBe(503);
      expect(await storeHealth()).toMatchObject({
        status: 'degraded',
        store: { status: 'down', message: expect.stringMatching(why) as unknown },
      });
      const at = performance.now();
      const refused = await submit(which.replaceAll(' ', '-'));
      expect(performance.now() - at).toBeLessThan(ANSWERED_WITHIN_MS);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'store_unavailable' }]);
      // Reads go on.
      expect((await fetch(`${url}/api/orders`)).status).toBe(200);

      proxy.refuseWrites(null);
      await eventually(readiness, (status) => status === 200);
      expect(await storeHealth()).toMatchObject({ status: 'ok', store: { status: 'ok' } });
      const [first, again] = [
        await submit(which.replaceAll(' ', '-')),
        await submit(which.replaceAll(' ', '-')),
      ];
      expect(first.status).toBe(201);
      const [one, other] = [await first.json(), await again.json()].map((json) =>
        z.object({ orderId: z.string() }).parse(json),
      );
      expect(other).toEqual(one);
    },
    30_000,
  );
});
