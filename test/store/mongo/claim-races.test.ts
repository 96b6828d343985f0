/** What comes between the two reads and writes of which a claim, and a release, consist. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../../src/store/ports.ts';
import {
  AN_HOUR_MS,
  ALL_ALIVE,
  aCancel,
  aWorkerId,
  created,
  running,
  stored,
} from '../../contracts/order-store/order-store-samples.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('a store on MongoDB', () => {
  let url: string;
  let store: Store;

  beforeAll(async () => {
    url = mongoUrl();
    store = await openMongoStore({ url });
  });
  afterAll(async () => {
    await store.close();
    await dropDatabase(url);
  });

  test('of workers that take over the order of a dead one at once, one gets it', async () => {
    const { orderId, version } = await created(store);
    await store.work.claim(orderId, 'a worker without a heartbeat', ALL_ALIVE);
    const heirs = Array.from({ length: 10 }, aWorkerId);
    await Promise.all(heirs.map((heir) => store.work.beat(heir)));
    const claims = await Promise.all(heirs.map((heir) => store.work.claim(orderId, heir, ALL_ALIVE)));
    const order = await stored(store, orderId);
    expect(claims.flatMap((claim) => (claim === null ? [] : [claim.worker]))).toEqual([order.worker]);
    expect(order.version).toBe(version + 2);
  });

  test('a command that comes while its order is released makes the order due at once', async () => {
    const races = Array.from({ length: 20 }, async () => {
      const { orderId, version } = await running(store, aWorkerId());
      await Promise.all([
        store.work.release(orderId, version, AN_HOUR_MS),
        store.inbox.push(orderId, aCancel()),
      ]);
      // Early as a worker claims: the server's clock, as it is read each second, may step back by some milliseconds.
      return store.work.claim(orderId, aWorkerId(), { ...ALL_ALIVE, earlyMs: 100 });
    });
    for (const claimed of await Promise.all(races)) expect(claimed?.commands).toHaveLength(1);
  });
});
