/**
 * A process that closes a reservation may die between its writes. Here each half is written by hand, as the dead process left
 * it.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createConnection, type Connection } from 'mongoose';
import type { ReservationOwner } from '../../../src/store/ledger.ts';
import type { AccountDocument, SettledDocument } from '../../../src/store/mongo/ledger/mapping.ts';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../../src/store/ports.ts';
import {
  anOutcome,
  anOwner,
  found,
  openedAccount,
  taken,
  takenInOrder,
} from '../../contracts/signer-ledger/signer-ledger-samples.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('a reservation that was marked as closed by a process that died then', () => {
  const outcome = anOutcome({ block: 5 });
  let url: string;
  let store: Store;
  let connection: Connection;
  let accountId: string;
  let reservations: readonly [ReservationOwner, ReservationOwner];

  beforeEach(async () => {
    url = mongoUrl();
    store = await openMongoStore({ url });
    connection = await createConnection(url).asPromise();
    accountId = await openedAccount(store.ledger, 7);
    const [first, second] = await takenInOrder(store.ledger, accountId, 2);
    if (first === undefined || second === undefined) throw new Error('two reservations were taken');
    reservations = [first, second];
    await connection
      .collection<AccountDocument>('lanes')
      .updateOne({ _id: accountId }, { $set: { 'open.0.state': 'closed', 'open.0.outcome': outcome } });
  });
  afterEach(async () => {
    await store.close();
    await connection.close();
    await dropDatabase(url);
  });

  /** The half after: it is among the settled ones, and in its account, too. */
  async function settle(): Promise<void> {
    const { orderId, epoch } = reservations[0];
    const settled = {
      _id: `${accountId}/${orderId}/${epoch}`,
      lane: accountId,
      orderId,
      epoch,
      nonce: 7,
      hashes: [],
      outcome,
    };
    await connection.collection<SettledDocument>('settled').insertOne(settled);
  }

  async function hasLeft(): Promise<void> {
    expect(await store.ledger.accounts.read(accountId)).toMatchObject({ base: 8, open: [{ nonce: 8 }] });
    expect(await found(store.ledger, accountId, reservations[0])).toMatchObject({
      nonce: 7,
      state: 'closed',
      outcome,
    });
    expect(await connection.collection('settled').countDocuments()).toBe(1);
  }

  test.each([
    ['is not among the settled ones', () => Promise.resolve()],
    ['is among the settled ones', settle],
  ])('leaves when its closing is repeated, where it %s', async (_, half) => {
    await half();
    await store.ledger.reservations.close(accountId, [
      { ...reservations[0], outcome: anOutcome({ block: 6 }) },
    ]);
    await hasLeft();
  });

  test.each([
    ['is not among the settled ones', () => Promise.resolve()],
    ['is among the settled ones', settle],
  ])('makes room in a full window by itself, where it %s', async (_, half) => {
    await half();
    const reservation = await taken(store.ledger, accountId, anOwner(), { window: 2, spends: null });
    expect(reservation.nonce).toBe(9);
    expect(await store.ledger.accounts.read(accountId)).toMatchObject({
      base: 8,
      open: [{ nonce: 8 }, reservation],
    });
    expect(await found(store.ledger, accountId, reservations[0])).toMatchObject({
      nonce: 7,
      state: 'closed',
      outcome,
    });
  });

  test('leaves with the next that is closed', async () => {
    await store.ledger.reservations.close(accountId, [{ ...reservations[1], outcome: anOutcome() }]);
    expect(await store.ledger.accounts.read(accountId)).toMatchObject({ base: 9, open: [] });
    expect(await found(store.ledger, accountId, reservations[0])).toMatchObject({ outcome });
  });

  test('keeps its nonce for its owner meanwhile', async () => {
    expect(await taken(store.ledger, accountId, reservations[0])).toMatchObject({
      nonce: 7,
      state: 'closed',
      outcome,
    });
  });
});
