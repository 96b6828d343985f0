import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createConnection } from 'mongoose';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { StoreUnavailable, type Store } from '../../../src/store/ports.ts';
import { aCommit, aNewOrder, created, stored } from '../../contracts/order-store/order-store-samples.ts';
import { Cable } from '../../support/cable.ts';
import { eventually } from '../../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('a MongoDB that fails', () => {
  let url: string;
  let cable: Cable;
  let store: Store;

  beforeEach(async () => {
    url = mongoUrl();
    const { hostname, port, pathname } = new URL(url);
    cable = await Cable.to(hostname, Number(port || 27017));
    store = await openMongoStore({
      url: `mongodb://127.0.0.1:${cable.port}${pathname}?directConnection=true`,
      // Making the indexes takes a busy server more than a moment.
      timeoutMs: 2_000,
    });
  });
  afterEach(async () => {
    await store.close();
    await cable.close();
    await dropDatabase(url);
  });

  const answers = (): Promise<boolean> =>
    eventually(
      () =>
        store.check().then(
          () => true,
          () => false,
        ),
      Boolean,
    );

  test('every call rejects as unavailable while MongoDB is, and is answered when it is back', async () => {
    const before = await created(store);
    cable.cut();
    const asked = [
      store.orders.create(aNewOrder()),
      store.orders.load(before.orderId),
      store.orders.commit(aCommit(before)),
      store.orders.countOpen(),
      store.journal.read(before.orderId, 0, 10),
      store.inbox.push(before.orderId, { type: 'CANCEL', commandId: 'cancel' }),
      store.work.beat('a worker'),
      store.work.due({
        machineVersion: 1,
        release: 'this one',
        deadAfterMs: 1_000,
        overdueByMs: 0,
        limit: 10,
      }),
      store.check(),
    ];
    for (const answer of await Promise.allSettled(asked)) {
      expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) as unknown });
    }
    cable.mend();
    await answers();
    expect(await stored(store, before.orderId)).toEqual(before);
  });

  test('a connection that stops answering is given up in time', async () => {
    cable.holdReplies();
    await expect(store.orders.countOpen()).rejects.toThrow(StoreUnavailable);
    cable.mend();
    await answers();
  });

  test('a commit that the server never reads to its end is given up in time', async () => {
    const order = await created(store);
    const commit = aCommit(order);
    cable.stopReading();
    // More than all buffers on the way take.
    const state = { ...commit.state, context: { text: 'x'.repeat(15 * 1024 * 1024) } };
    await expect(store.orders.commit({ ...commit, state })).rejects.toThrow(StoreUnavailable);
    cable.cut();
    cable.mend();
    await answers();
    expect(await store.orders.commit(commit)).toEqual({ outcome: 'committed' });
  });

  test('a commit whose answer was lost is recognised when it is repeated, and is stored once', async () => {
    const before = await created(store);
    const commit = aCommit(before);
    cable.holdReplies();
    await expect(store.orders.commit(commit)).rejects.toThrow(StoreUnavailable);
    cable.mend();
    await answers();
    expect(await store.orders.commit(commit)).toEqual({ outcome: 'committed' });
    expect(await store.journal.read(before.orderId, 0, 10)).toHaveLength(2);
  });

  test('an order whose acknowledgement was lost is answered as the existing one', async () => {
    const order = aNewOrder();
    cable.holdReplies();
    await expect(store.orders.create(order)).rejects.toThrow(StoreUnavailable);
    cable.mend();
    await answers();
    expect(await store.orders.create(order)).toMatchObject({
      created: false,
      existing: { requestHash: order.requestHash, lastSeq: 1 },
    });
  });
});

describeOnMongo('opening a database of MongoDB', () => {
  test('a server that is not there is named, and the password is not', async () => {
    const opening = openMongoStore({ url: 'mongodb://me:secret@127.0.0.1:9/orders', timeoutMs: 300 });
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(/MongoDB at 127\.0\.0\.1:9\/orders/);
    await expect(opening).rejects.not.toThrow(/secret/);
  });

  test('a database that a newer release wrote is refused, untouched', async () => {
    const url = mongoUrl();
    const connection = await createConnection(url).asPromise();
    await connection
      .collection<{ _id: string; version: number }>('schema')
      .insertOne({ _id: 'schema', version: 99 });

    await expect(openMongoStore({ url })).rejects.toThrow(/schema 99.*knows 1 to \d+/);
    expect(await connection.listCollections()).toHaveLength(1);
    await connection.close();
    await dropDatabase(url);
  });

  test('several processes may make the indexes at once', async () => {
    const url = mongoUrl();
    const stores = await Promise.all(Array.from({ length: 4 }, () => openMongoStore({ url })));
    const connection = await createConnection(url).asPromise();
    const indexes = await connection.collection('orders').indexes();
    expect(indexes.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['_id_', 'due', 'running', 'open', 'commanded', 'listed', 'listed_by_status']),
    );
    await connection.close();
    await Promise.all(stores.map((store) => store.close()));
    await dropDatabase(url);
  });
});
