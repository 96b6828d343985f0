import { expect, test } from '@jest/globals';
import { codeTerm, tokenTerm } from '../../../src/store/order-terms.ts';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { advanced, anOrderId, aState, created } from '../../contracts/order-store/order-store-samples.ts';
import { eventually } from '../../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl, withDatabase } from '../../support/mongo/mongo.ts';

const CONTEXT = {
  terms: { sellToken: 'WETH', buyToken: 'USDC' },
  reason: { code: 'expired', message: 'too late' },
};

describeOnMongo('orders that an older release ended', () => {
  test('get their terms with the first search, and those that it ends later with a later one', async () => {
    const url = mongoUrl();
    const store = await openMongoStore({ url });
    const owner = anOrderId();
    // As the release before left them: without terms.
    const endedBefore = async (createdAt: number): Promise<string> => {
      const { orderId } = await created(store, { owner, createdAt, state: aState(CONTEXT) });
      await advanced(store, orderId, { status: 'failed', state: aState(CONTEXT) });
      await withDatabase(url, (db) =>
        db.collection('orders').updateMany({}, { $unset: { terms: 1, endCode: 1 } }),
      );
      return orderId;
    };
    const found = async (term: string) => {
      const { orders } = await store.orders.list({ owner, search: { terms: [term] }, limit: 5 });
      return orders.map(({ orderId }) => orderId);
    };
    const first = await endedBefore(1);
    expect(await found(tokenTerm('weth'))).toEqual([first]);
    const second = await endedBefore(2);
    await eventually(
      () => found(codeTerm('expired')),
      (ids) => ids.length === 2,
    );
    expect(await found(tokenTerm('weth'))).toEqual([second, first]);
    expect((await store.orders.counts(owner)).counts).toEqual([
      { status: 'failed', code: 'expired', orders: 2 },
    ]);
    await store.close();
    await dropDatabase(url);
  }, 30_000);
});
