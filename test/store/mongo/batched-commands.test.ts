import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aCommit, aNewOrder, created, stored } from '../../contracts/order-store/order-store-samples.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('requests that MongoDB gets in one command', () => {
  let url: string;
  let store: Store;

  beforeEach(async () => {
    url = mongoUrl();
    store = await openMongoStore({ url });
  });
  afterEach(async () => {
    await store.close();
    await dropDatabase(url);
  });

  const orders = (count: number) => Promise.all(Array.from({ length: count }, () => created(store)));

  test('a commit that lost its race does not affect the others of its batch', async () => {
    const [first, lost, last] = await orders(3);
    if (first === undefined || lost === undefined || last === undefined) throw new Error('expected 3 orders');
    await store.orders.commit(aCommit(lost));
    const outcomes = await Promise.all(
      [first, lost, last].map((order) => store.orders.commit(aCommit(order))),
    );
    expect(outcomes).toEqual([
      { outcome: 'committed' },
      { outcome: 'lost', storedVersion: lost.version + 1 },
      { outcome: 'committed' },
    ]);
    expect(await store.journal.lastSeqs([first, lost, last].map(({ orderId }) => orderId))).toEqual(
      new Map([first, lost, last].map(({ orderId, lastSeq }) => [orderId, lastSeq + 1])),
    );
  });

  test('a commit that no document can hold fails alone', async () => {
    const [first, large, last] = await orders(3);
    if (first === undefined || large === undefined || last === undefined)
      throw new Error('expected 3 orders');
    const tooLarge = aCommit(large);
    const answers = await Promise.allSettled([
      store.orders.commit(aCommit(first)),
      store.orders.commit({
        ...tooLarge,
        state: { ...tooLarge.state, context: { text: 'x'.repeat(17 * 1024 * 1024) } },
      }),
      store.orders.commit(aCommit(last)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await stored(store, large.orderId)).toEqual(large);
  });

  test('of orders that are created together, those that were there are answered as they are', async () => {
    const there = await created(store);
    const [one, other] = [aNewOrder(), aNewOrder()];
    const again = { ...aNewOrder(), orderId: there.orderId };
    expect(
      await Promise.all([one, again, other, one].map((order) => store.orders.create(order))),
    ).toMatchObject([
      { created: true },
      { created: false, existing: there },
      { created: true },
      { created: false, existing: { orderId: one.orderId } },
    ]);
  });

  test('pages that begin at different places are read together', async () => {
    const [first, second] = await orders(2);
    if (first === undefined || second === undefined) throw new Error('expected 2 orders');
    await store.orders.commit(aCommit(first));
    const pages = await Promise.all([
      store.journal.read(first.orderId, 0, 1),
      store.journal.read(first.orderId, 1, 10),
      store.journal.read(second.orderId, 0, 1),
      store.journal.read('unknown', 0, 1),
    ]);
    expect(pages.map((entries) => entries.map(({ message }) => [message.orderId, message.seq]))).toEqual([
      [[first.orderId, 1]],
      [[first.orderId, 2]],
      [[second.orderId, 1]],
      [],
    ]);
  });
});
