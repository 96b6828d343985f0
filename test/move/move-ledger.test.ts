/** The ledger carried from SQLite to MongoDB and back. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ledgerContentsOf, moveLedger } from '../../src/move/move-ledger.ts';
import type { LedgerRecords } from '../../src/store/ledger-records.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { filledAccount } from '../contracts/ledger-records-samples.ts';
import {
  anAccount,
  anOutcome,
  anOwner,
  hex,
  openedAccount,
  taken,
} from '../contracts/signer-ledger/signer-ledger-samples.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo/mongo.ts';
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

  test('there and back, all accounts, reservations and signed transactions are as they were', async () => {
    const accounts = [await filledAccount(sqlite.ledger, 7), await filledAccount(sqlite.ledger, 500)];
    const contents = await ledgerContentsOf(sqlite.ledgerRecords);
    expect(contents).toMatchObject({ accounts: 2, reservations: 20, attempts: 22 });
    expect(await move(sqlite, mongo)).toEqual({ source: contents, target: contents, isVerified: true });
    expect(await move(mongo, back)).toEqual({ source: contents, target: contents, isVerified: true });
    for (const { accountId, reservations } of accounts) {
      expect(await back.ledger.accounts.read(accountId)).toEqual(
        await sqlite.ledger.accounts.read(accountId),
      );
      for (const reservation of reservations) {
        for (const store of [mongo, back]) {
          expect(await store.ledger.reservations.find(accountId, reservation)).toEqual(
            await sqlite.ledger.reservations.find(accountId, reservation),
          );
          expect(await store.ledger.attempts.of(accountId, reservation)).toEqual(
            await sqlite.ledger.attempts.of(accountId, reservation),
          );
        }
      }
    }
  });

  test('a move that was interrupted at any reservation is finished by the next one, and a repeated one changes nothing', async () => {
    await filledAccount(sqlite.ledger, 7);
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

  test('more settled reservations than fit into a page all arrive', async () => {
    const accountId = await openedAccount(sqlite.ledger, 0);
    for (let n = 0; n < 450; n += 1) {
      await sqlite.ledger.reservations.close(accountId, [
        { ...(await taken(sqlite.ledger, accountId)), outcome: anOutcome() },
      ]);
    }
    expect(await move(sqlite, mongo)).toMatchObject({ source: { reservations: 450 }, isVerified: true });
    expect(await move(mongo, back)).toMatchObject({ target: { reservations: 450 }, isVerified: true });
    expect(await back.ledger.accounts.read(accountId)).toMatchObject({ base: 450, open: [] });
  });

  test('into a store whose ledger is of another chain nothing is moved', async () => {
    await filledAccount(sqlite.ledger, 7);
    const other = anAccount();
    await mongo.ledger.accounts.open(other, hex(32), 0);
    const before = await ledgerContentsOf(mongo.ledgerRecords);
    expect(await refusal(sqlite, mongo)).toMatch(
      new RegExp(`^the target's ledger has account ${other} of chain 31337 \\(0x.*nothing was written`),
    );
    expect(await ledgerContentsOf(mongo.ledgerRecords)).toEqual(before);
  });

  test('an account that changed in the target stops the move, is named, and is not changed', async () => {
    const { accountId } = await filledAccount(sqlite.ledger, 7);
    await move(sqlite, mongo);
    await mongo.ledger.accounts.halt(accountId, null);
    await taken(mongo.ledger, accountId, anOwner());
    const before = await mongo.ledger.accounts.read(accountId);
    expect(await refusal(sqlite, mongo)).toMatch(
      new RegExp(`^account ${accountId} is in the target and differs`),
    );
    expect(await mongo.ledger.accounts.read(accountId)).toEqual(before);
  });

  test('a settled reservation with another outcome in the target stops the move, and is named', async () => {
    const { accountId, reservations } = await filledAccount(sqlite.ledger, 7);
    const [record] = await sqlite.ledgerRecords.accounts();
    const { records } = await sqlite.ledgerRecords.settled(null, 1);
    const [settled] = records;
    if (record === undefined || settled === undefined) throw new Error('an account was filled');
    await mongo.ledgerRecords.putAccount(record);
    await mongo.ledgerRecords.putSettled({ ...settled, outcome: anOutcome() });
    expect(await refusal(sqlite, mongo)).toMatch(
      new RegExp(
        `^nonce ${reservations[0]?.nonce ?? ''} of account ${accountId} is in the target and differs`,
      ),
    );
  });

  test('what a process left half closed in MongoDB arrives as closed', async () => {
    const accountId = await openedAccount(mongo.ledger, 7);
    const reservation = await taken(mongo.ledger, accountId);
    await taken(mongo.ledger, accountId);
    const [record] = await mongo.ledgerRecords.accounts();
    if (record === undefined) throw new Error('an account was opened');
    const outcome = anOutcome();
    const [first, second] = record.open;
    if (first === undefined || second === undefined) throw new Error('two reservations were taken');
    // The state after a process died between marking the reservation and removing it.
    const name = anAccount();
    await mongo.ledgerRecords.putAccount({
      ...record,
      accountId: name,
      open: [{ ...first, state: 'closed', outcome }, second],
    });
    expect(await move(mongo, back)).toMatchObject({ isVerified: true });
    expect(await back.ledger.accounts.read(name)).toMatchObject({ base: 8, open: [{ nonce: 8 }] });
    expect(await back.ledger.reservations.find(name, reservation)).toMatchObject({
      state: 'closed',
      outcome,
    });
  });
});
