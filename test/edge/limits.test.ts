/** What one owner may ask for, so that it harms no other. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { rateLimit } from '../../src/edge/rate-limit.ts';
import { FillstreamError } from '../../src/errors.ts';
import { ConnectionCaps } from '../../src/feed/core/connection-caps.ts';
import { RequestRate } from '../../src/feed/socket-io/request-rate.ts';
import { LOCAL } from '../../src/identity/principal.ts';
import { openRedis } from '../../src/redis/open-redis.ts';
import { principalFor } from '../identity/identities.ts';
import { eventually } from '../support/eventually.ts';
import { RedisServer } from '../support/redis/redis-server.ts';

const outcomes = async (count: () => Promise<void>, times: number): Promise<readonly (string | null)[]> => {
  const seen: (string | null)[] = [];
  for (let asked = 0; asked < times; asked += 1) {
    const outcome = await count().then(
      () => null,
      (thrown: unknown) => (thrown instanceof FillstreamError ? thrown.code : String(thrown)),
    );
    seen.push(outcome);
  }
  return seen;
};
const LIMITED = [null, null, null, 'rate_limited', 'rate_limited'];

describe('the rate of requests', () => {
  const redis = new RedisServer();
  beforeAll(() => redis.start());
  afterAll(() => redis.remove());

  test('is limited for each owner by itself, and the answer says when to come back', async () => {
    const count = rateLimit(3, null);
    expect(await outcomes(() => count(principalFor('alice')), 5)).toEqual(LIMITED);
    expect(await outcomes(() => count(principalFor('bob')), 1)).toEqual([null]);
    await expect(count(principalFor('alice'))).rejects.toMatchObject({
      status: 429,
      details: { retryAfterSeconds: expect.any(Number) },
    });
  });

  test('is not limited where there are no keys, nor with a limit of 0', async () => {
    expect(await outcomes(() => rateLimit(3, null)(LOCAL), 9)).toEqual(new Array(9).fill(null));
    expect(await outcomes(() => rateLimit(0, null)(principalFor('alice')), 9)).toEqual(
      new Array(9).fill(null),
    );
  });

  test('is counted over all apis of one Redis, and by each api alone while Redis is away', async () => {
    const open = () => openRedis(redis.path, { tls: {}, random: () => 0.5 });
    const clients = [open(), open()] as const;
    for (const client of clients) client.on('error', (error) => pino({ level: 'silent' }).warn(error));
    await eventually(
      () => clients.map(({ status }) => status),
      (all) => all.every((status) => status === 'ready'),
    );
    const [one, two] = [rateLimit(3, clients[0]), rateLimit(3, clients[1])];
    expect(await outcomes(() => one(principalFor('carol')), 2)).toEqual([null, null]);
    expect(await outcomes(() => two(principalFor('carol')), 3)).toEqual([
      null,
      'rate_limited',
      'rate_limited',
    ]);
    await redis.kill();
    await eventually(
      () => clients[0].status,
      (status) => status !== 'ready',
    );
    expect(await outcomes(() => one(principalFor('dave')), 5)).toEqual(LIMITED);
    for (const client of clients) client.disconnect();
  });
});

describe('connections', () => {
  test('are capped for each owner and for each address, and a closed one makes room', () => {
    const caps = new ConnectionCaps({ maxConnectionsPerOwner: 2, maxConnectionsPerAddress: 3 });
    const refused = expect.objectContaining({ code: 'too_many_connections' });
    const leave = caps.admit('alice', '::1');
    caps.admit('alice', '::1');
    expect(() => caps.admit('alice', '::2')).toThrow(refused);
    caps.admit('bob', '::1');
    expect(() => caps.admit('bob', '::1')).toThrow(refused);
    leave();
    leave();
    caps.admit('alice', '::1');
    expect(() => caps.admit('alice', '::2')).toThrow(refused);
  });

  test('ask as often as a bucket of tokens allows', () => {
    let now = 0;
    const rate = new RequestRate({ now: () => now });
    let taken = 0;
    while (rate.take()) taken += 1;
    expect(taken).toBe(3_000);
    now += 1_000;
    while (rate.take()) taken += 1;
    expect(taken).toBe(3_200);
  });
});
