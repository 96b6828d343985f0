/** A process that closes a slot may die between its writes. Here each half is written by hand, as the dead left it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createConnection, type Connection } from 'mongoose';
import type { SlotOwner } from '../../src/store/ledger.ts';
import type { LaneDocument, SettledDocument } from '../../src/store/mongo/ledger-documents.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../src/store/ports.ts';
import {
  anOutcome,
  anOwner,
  found,
  openedLane,
  taken,
  takenInOrder,
} from '../contracts/signer-ledger-samples.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo.ts';

describeOnMongo('a slot that was marked as closed by a process that died then', () => {
  const outcome = anOutcome({ block: 5 });
  let url: string;
  let store: Store;
  let connection: Connection;
  let lane: string;
  let slots: readonly [SlotOwner, SlotOwner];

  beforeEach(async () => {
    url = mongoUrl();
    store = await openMongoStore({ url });
    connection = await createConnection(url).asPromise();
    lane = await openedLane(store.ledger, 7);
    const [first, second] = await takenInOrder(store.ledger, lane, 2);
    if (first === undefined || second === undefined) throw new Error('two slots were taken');
    slots = [first, second];
    await connection
      .collection<LaneDocument>('lanes')
      .updateOne({ _id: lane }, { $set: { 'open.0.state': 'closed', 'open.0.outcome': outcome } });
  });
  afterEach(async () => {
    await store.close();
    await connection.close();
    await dropDatabase(url);
  });

  /** The half after: it is among the settled ones, and in its lane, too. */
  async function settle(): Promise<void> {
    const { orderId, epoch } = slots[0];
    const settled = {
      _id: `${lane}/${orderId}/${epoch}`,
      lane,
      orderId,
      epoch,
      nonce: 7,
      hashes: [],
      outcome,
    };
    await connection.collection<SettledDocument>('settled').insertOne(settled);
  }

  async function hasLeft(): Promise<void> {
    expect(await store.ledger.lanes.read(lane)).toMatchObject({ base: 8, open: [{ nonce: 8 }] });
    expect(await found(store.ledger, lane, slots[0])).toMatchObject({ nonce: 7, state: 'closed', outcome });
    expect(await connection.collection('settled').countDocuments()).toBe(1);
  }

  test.each([
    ['is not among the settled ones', () => Promise.resolve()],
    ['is among the settled ones', settle],
  ])('leaves when its closing is repeated, where it %s', async (_, half) => {
    await half();
    await store.ledger.slots.close(lane, [{ ...slots[0], outcome: anOutcome({ block: 6 }) }]);
    await hasLeft();
  });

  test.each([
    ['is not among the settled ones', () => Promise.resolve()],
    ['is among the settled ones', settle],
  ])('makes room in a full window by itself, where it %s', async (_, half) => {
    await half();
    const slot = await taken(store.ledger, lane, anOwner(), { window: 2, spends: null });
    expect(slot.nonce).toBe(9);
    expect(await store.ledger.lanes.read(lane)).toMatchObject({ base: 8, open: [{ nonce: 8 }, slot] });
    expect(await found(store.ledger, lane, slots[0])).toMatchObject({ nonce: 7, state: 'closed', outcome });
  });

  test('leaves with the next that is closed', async () => {
    await store.ledger.slots.close(lane, [{ ...slots[1], outcome: anOutcome() }]);
    expect(await store.ledger.lanes.read(lane)).toMatchObject({ base: 9, open: [] });
    expect(await found(store.ledger, lane, slots[0])).toMatchObject({ outcome });
  });

  test('keeps its nonce for its owner meanwhile', async () => {
    expect(await taken(store.ledger, lane, slots[0])).toMatchObject({ nonce: 7, state: 'closed', outcome });
  });
});
