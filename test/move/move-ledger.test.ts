/** The ledger carried from SQLite to MongoDB and back. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ledgerContentsOf, moveLedger } from '../../src/move/move-ledger.ts';
import type { LedgerRecords } from '../../src/store/ledger-records.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { filledLane } from '../contracts/ledger-records-samples.ts';
import { aLane, anOutcome, anOwner, hex, openedLane, taken } from '../contracts/signer-ledger-samples.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

describeOnMongo('moving the ledger between stores', () => {
  let dir: TempDir;
  let url: string;
  let sqlite: Store;
  let mongo: Store;
  let back: Store;
  beforeEach(async () => {
    dir = tempDir();
    url = mongoUrl();
    sqlite = await openSqliteStore({ file: join(dir.path, 'from.sqlite') });
    mongo = await openMongoStore({ url });
    back = await openSqliteStore({ file: join(dir.path, 'back.sqlite') });
  });
  afterEach(async () => {
    await Promise.all([sqlite.close(), mongo.close(), back.close()]);
    await dropDatabase(url);
    dir.remove();
  });

  const move = (from: Store, to: Store) => moveLedger(from.ledgerRecords, to.ledgerRecords);

  async function refusal(from: Store, to: Store): Promise<string> {
    const thrown: unknown = await move(from, to).catch((error: unknown) => error);
    if (thrown instanceof Error) return thrown.message;
    throw new Error('it was moved');
  }

  test('there and back, all lanes, slots and signed transactions are as they were', async () => {
    const lanes = [await filledLane(sqlite.ledger, 7), await filledLane(sqlite.ledger, 500)];
    const contents = await ledgerContentsOf(sqlite.ledgerRecords);
    expect(contents).toMatchObject({ lanes: 2, slots: 20, attempts: 22 });
    expect(await move(sqlite, mongo)).toEqual({ source: contents, target: contents, isVerified: true });
    expect(await move(mongo, back)).toEqual({ source: contents, target: contents, isVerified: true });
    for (const { lane, slots } of lanes) {
      expect(await back.ledger.lanes.read(lane)).toEqual(await sqlite.ledger.lanes.read(lane));
      for (const slot of slots) {
        for (const store of [mongo, back]) {
          expect(await store.ledger.slots.find(lane, slot)).toEqual(
            await sqlite.ledger.slots.find(lane, slot),
          );
          expect(await store.ledger.attempts.of(lane, slot)).toEqual(
            await sqlite.ledger.attempts.of(lane, slot),
          );
        }
      }
    }
  });

  test('one that was broken off at any slot is finished by the next one, and a repeated one changes nothing', async () => {
    await filledLane(sqlite.ledger, 7);
    for (let written = 0; written < 5; written += 1) {
      let left = written;
      const failing: LedgerRecords = {
        ...mongo.ledgerRecords,
        putSettled: (record) => {
          left -= 1;
          return left < 0 ? Promise.reject(new Error('broken off')) : mongo.ledgerRecords.putSettled(record);
        },
      };
      await expect(moveLedger(sqlite.ledgerRecords, failing)).rejects.toThrow('broken off');
    }
    expect(await move(sqlite, mongo)).toMatchObject({ isVerified: true });
    expect(await move(sqlite, mongo)).toMatchObject({ isVerified: true });
  });

  test('more settled slots than fit into a page all arrive', async () => {
    const lane = await openedLane(sqlite.ledger, 0);
    for (let n = 0; n < 450; n += 1) {
      await sqlite.ledger.slots.close(lane, [
        { ...(await taken(sqlite.ledger, lane)), outcome: anOutcome() },
      ]);
    }
    expect(await move(sqlite, mongo)).toMatchObject({ source: { slots: 450 }, isVerified: true });
    expect(await move(mongo, back)).toMatchObject({ target: { slots: 450 }, isVerified: true });
    expect(await back.ledger.lanes.read(lane)).toMatchObject({ base: 450, open: [] });
  });

  test('into a store whose ledger is of another chain nothing is moved', async () => {
    await filledLane(sqlite.ledger, 7);
    const other = aLane();
    await mongo.ledger.lanes.open(other, hex(32), 0);
    const before = await ledgerContentsOf(mongo.ledgerRecords);
    expect(await refusal(sqlite, mongo)).toMatch(
      new RegExp(`^the target's ledger has lane ${other} of chain 31337 \\(0x.*nothing was written`),
    );
    expect(await ledgerContentsOf(mongo.ledgerRecords)).toEqual(before);
  });

  test('a lane that went on in the target stops it, by name, and is left as it is', async () => {
    const { lane } = await filledLane(sqlite.ledger, 7);
    await move(sqlite, mongo);
    await mongo.ledger.lanes.halt(lane, null);
    await taken(mongo.ledger, lane, anOwner());
    const before = await mongo.ledger.lanes.read(lane);
    expect(await refusal(sqlite, mongo)).toMatch(new RegExp(`^lane ${lane} is in the target and differs`));
    expect(await mongo.ledger.lanes.read(lane)).toEqual(before);
  });

  test('a settled slot that ended otherwise in the target stops it, by name', async () => {
    const { lane, slots } = await filledLane(sqlite.ledger, 7);
    const [record] = await sqlite.ledgerRecords.lanes();
    const { records } = await sqlite.ledgerRecords.settled(null, 1);
    const [settled] = records;
    if (record === undefined || settled === undefined) throw new Error('a lane was filled');
    await mongo.ledgerRecords.putLane(record);
    await mongo.ledgerRecords.putSettled({ ...settled, outcome: anOutcome() });
    expect(await refusal(sqlite, mongo)).toMatch(
      new RegExp(`^nonce ${slots[0]?.nonce ?? ''} of lane ${lane} is in the target and differs`),
    );
  });

  test('what a process left half closed in MongoDB arrives as closed', async () => {
    const lane = await openedLane(mongo.ledger, 7);
    const slot = await taken(mongo.ledger, lane);
    await taken(mongo.ledger, lane);
    const [record] = await mongo.ledgerRecords.lanes();
    if (record === undefined) throw new Error('a lane was opened');
    const outcome = anOutcome();
    const [first, second] = record.open;
    if (first === undefined || second === undefined) throw new Error('two slots were taken');
    // As a process leaves it that dies between marking the slot and taking it away.
    const name = aLane();
    await mongo.ledgerRecords.putLane({
      ...record,
      lane: name,
      open: [{ ...first, state: 'closed', outcome }, second],
    });
    expect(await move(mongo, back)).toMatchObject({ isVerified: true });
    expect(await back.ledger.lanes.read(name)).toMatchObject({ base: 8, open: [{ nonce: 8 }] });
    expect(await back.ledger.slots.find(name, slot)).toMatchObject({ state: 'closed', outcome });
  });
});
