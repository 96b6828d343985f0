import { UnknownAccount, type Attempt, type NonceReservation } from '../../ledger.ts';
import type { AccountRecord, LedgerRecords, SettledRecord, ReservationRecord } from '../../ledger-records.ts';
import type { Database } from '../database.ts';
import { isDuplicateKey } from '../failures.ts';
import {
  settledId,
  settledToReservation,
  toAttempt,
  toAttemptDocument,
  toAccount,
  type AccountDocument,
  type SettledDocument,
} from './mapping.ts';
import { retireClosed } from './retire-closed.ts';

export function openLedgerRecords(database: Database): LedgerRecords {
  const { accounts, settled, attempts } = database.ledger;

  async function withAttempts(
    reservations: readonly NonceReservation[],
  ): Promise<readonly ReservationRecord[]> {
    const hashes = reservations.flatMap((reservation) => [...reservation.hashes]);
    const found = await database.run(() => attempts.find({ _id: { $in: hashes } }).lean());
    const byHash = new Map(found.map((document) => [document._id, toAttempt(document)]));
    return reservations.map((reservation) => ({
      ...reservation,
      attempts: reservation.hashes.map((hash) => {
        const attempt = byHash.get(hash);
        if (attempt === undefined) throw new Error(`attempt ${hash} is named and not stored`);
        return attempt;
      }),
    }));
  }

  async function readAccount(accountId: string): Promise<AccountRecord> {
    const document = await database.run(() => accounts.findById(accountId).lean());
    if (document === null) throw new UnknownAccount(accountId);
    const { open, ...rest } = toAccount(document);
    return { ...rest, open: await withAttempts(open) };
  }

  async function toSettled(documents: readonly SettledDocument[]): Promise<readonly SettledRecord[]> {
    const records = await withAttempts(documents.map(settledToReservation));
    return records.map((record, index) => ({ accountId: documents[index]?.lane ?? '', ...record }));
  }

  /** Before they are named, as `Attempts.keep` does. */
  async function store(all: readonly Attempt[]): Promise<void> {
    for (const attempt of all) {
      await unlessThere(() => database.run(() => attempts.insertOne(toAttemptDocument(attempt))));
    }
  }

  return {
    async accounts() {
      const documents = await database.run(() => accounts.find({}).sort({ _id: 1 }).lean());
      // Closed reservations that a process left at the front when it died belong to the settled ones.
      for (const document of documents) await retireClosed(database, document);
      const records: AccountRecord[] = [];
      for (const { _id } of documents) records.push(await readAccount(_id));
      return records;
    },

    async settled(after, limit) {
      const documents = await database.run(() =>
        settled
          .find(after === null ? {} : { _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit)
          .lean(),
      );
      const last = documents.length < limit ? undefined : documents.at(-1);
      return { records: await toSettled(documents), next: last?._id ?? null };
    },

    async putAccount({ accountId, genesis, base, open, halted }) {
      await store(open.flatMap((reservation) => reservation.attempts));
      const document: AccountDocument = {
        _id: accountId,
        genesis,
        base,
        open: open.map(({ orderId, epoch, state, hashes, spends, outcome }) => ({
          orderId,
          epoch,
          state,
          hashes: [...hashes],
          ...(spends === null ? {} : { spends: { token: spends.token, amount: spends.amount } }),
          ...(outcome === null ? {} : { outcome }),
        })),
        ...(halted === null ? {} : { halted: { code: halted.code, message: halted.message } }),
      };
      if (await unlessThere(() => database.run(() => accounts.insertOne(document)))) return { written: true };
      return { written: false, existing: await readAccount(accountId) };
    },

    async putSettled(record) {
      const { accountId, orderId, epoch, nonce, hashes, spends, outcome } = record;
      if (outcome === null)
        throw new Error(`nonce ${nonce} of account ${accountId} is not closed: expected its outcome`);
      if ((await database.run(() => accounts.countDocuments({ _id: accountId }))) === 0)
        throw new UnknownAccount(accountId);
      await store(record.attempts);
      const _id = settledId(accountId, record);
      const document: SettledDocument = {
        _id,
        lane: accountId,
        orderId,
        epoch,
        nonce,
        hashes: [...hashes],
        ...(spends === null ? {} : { spends: { token: spends.token, amount: spends.amount } }),
        outcome,
      };
      if (await unlessThere(() => database.run(() => settled.insertOne(document)))) return { written: true };
      const there = await database.run(() => settled.findById(_id).lean());
      const [existing] = there === null ? [] : await toSettled([there]);
      if (existing === undefined) throw new Error(`${_id}: its id is taken and it cannot be read`);
      return { written: false, existing };
    },
  };
}

/** False: it was there. */
async function unlessThere(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (thrown) {
    if (!isDuplicateKey(thrown)) throw thrown;
    return false;
  }
}
