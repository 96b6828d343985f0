import type { Database } from '../database.ts';
import { readAccount } from './accounts.ts';
import { settledId, type AccountDocument, type SettledDocument } from './mapping.ts';

/** More reservations than an account ever has. */
const ALL = 1_000_000;

/**
 * Moves the closed reservations at the front of the account to the settled ones, each written there before it leaves. A closed
 * reservation never changes and `base` only rises: an unchanged `base` means the same reservations at the front, so that any
 * number of processes may try at once. SQLite has no such file: there the closed ones leave within the transaction of `close`.
 */
export async function retireClosed(database: Database, seen: AccountDocument): Promise<void> {
  const { accounts, settled } = database.ledger;
  let document = seen;
  for (;;) {
    const { _id: accountId, base } = document;
    const leaving = closedInFront(document);
    if (leaving.length === 0) return;
    await database.run(() => settled.bulkWrite(leaving.map(unlessThere), { ordered: false }));
    const rest = await database.run(() =>
      accounts
        .findOneAndUpdate(
          { _id: accountId, base },
          [{ $set: { base: base + leaving.length, open: { $slice: ['$open', leaving.length, ALL] } } }],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean(),
    );
    document = rest ?? (await readAccount(database, accountId));
  }
}

function closedInFront({ _id: accountId, base, open }: AccountDocument): readonly SettledDocument[] {
  const leaving: SettledDocument[] = [];
  for (const { state, outcome, ...reservation } of open) {
    if (state !== 'closed' || outcome === undefined) break;
    leaving.push({
      ...reservation,
      outcome,
      _id: settledId(accountId, reservation),
      lane: accountId,
      nonce: base + leaving.length,
    });
  }
  return leaving;
}

function unlessThere({ _id, ...reservation }: SettledDocument) {
  return { updateOne: { filter: { _id }, update: { $setOnInsert: reservation }, upsert: true } };
}
