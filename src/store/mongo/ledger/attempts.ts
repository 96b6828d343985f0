import { otherNonce } from '../../ledger-defects.ts';
import type { Attempt, Attempts } from '../../ledger.ts';
import type { Database } from '../database.ts';
import { isDuplicateKey } from '../failures.ts';
import { findReservation } from './find-reservation.ts';
import { readAccount } from './accounts.ts';
import { openReservationOf, toAttempt, toAttemptDocument } from './mapping.ts';

/**
 * An attempt is stored before its reservation names it, so that nothing is named whose bytes are lost. One that is then not named
 * stays behind and is never read; taking it away could take it from another worker, which signed the same.
 */
export function openAttempts(database: Database): Attempts {
  const { accounts, attempts } = database.ledger;

  async function store(attempt: Attempt): Promise<void> {
    try {
      await database.run(() => attempts.insertOne(toAttemptDocument(attempt)));
    } catch (thrown) {
      if (!isDuplicateKey(thrown)) throw thrown;
    }
  }

  return {
    async keep(attempt, allowed) {
      const { hash, accountId, orderId, epoch } = attempt;
      const states: readonly string[] = allowed;
      // Side by side: the nonce of a reservation never changes.
      const [document] = await Promise.all([readAccount(database, accountId), store(attempt)]);
      const reservation = openReservationOf(document, attempt);
      if (reservation === null || !states.includes(reservation.state)) return false;
      if (reservation.nonce !== attempt.nonce) throw otherNonce(attempt, reservation.nonce);
      const { matchedCount } = await database.run(() =>
        accounts.updateOne(
          { _id: accountId, open: { $elemMatch: { orderId, epoch, state: { $in: [...allowed] } } } },
          { $addToSet: { 'open.$.hashes': hash } },
        ),
      );
      return matchedCount === 1;
    },

    async of(accountId, owner) {
      const { hashes = [] } = (await findReservation(database, accountId, owner)) ?? {};
      if (hashes.length === 0) return [];
      const found = await database.run(() => attempts.find({ _id: { $in: [...hashes] } }).lean());
      const byHash = new Map(found.map((document) => [document._id, toAttempt(document)]));
      return hashes.map((hash) => {
        const attempt = byHash.get(hash);
        if (attempt === undefined)
          throw new Error(`account ${accountId}: attempt ${hash} is named and not stored`);
        return attempt;
      });
    },
  };
}
