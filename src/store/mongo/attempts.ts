import { otherNonce } from '../ledger-defects.ts';
import type { Attempt, Attempts } from '../ledger.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './failures.ts';
import { findSlot } from './find-slot.ts';
import { readLane } from './lanes.ts';
import { openSlotOf, toAttempt } from './ledger-documents.ts';

/**
 * An attempt is stored before its slot names it, so that nothing is named whose bytes are lost. One that is then not named
 * stays behind and is never read; taking it away could take it from another worker, which signed the same.
 */
export function mongoAttempts(database: Database): Attempts {
  const { lanes, attempts } = database.ledger;

  async function store(attempt: Attempt): Promise<void> {
    const { hash, lane, orderId, epoch, nonce, kind, bytes, maxFeePerGas, maxPriorityFeePerGas } = attempt;
    const document = { lane, orderId, epoch, nonce, kind, bytes, maxFeePerGas, maxPriorityFeePerGas };
    try {
      await database.run(() => attempts.insertOne({ _id: hash, ...document }));
    } catch (thrown) {
      if (!isDuplicateKey(thrown)) throw thrown;
    }
  }

  return {
    async keep(attempt, allowed) {
      const { hash, lane, orderId, epoch } = attempt;
      const states: readonly string[] = allowed;
      // Side by side: the nonce of a slot never changes.
      const [document] = await Promise.all([readLane(database, lane), store(attempt)]);
      const slot = openSlotOf(document, attempt);
      if (slot === null || !states.includes(slot.state)) return false;
      if (slot.nonce !== attempt.nonce) throw otherNonce(attempt, slot.nonce);
      const { matchedCount } = await database.run(() =>
        lanes.updateOne(
          { _id: lane, open: { $elemMatch: { orderId, epoch, state: { $in: [...allowed] } } } },
          { $addToSet: { 'open.$.hashes': hash } },
        ),
      );
      return matchedCount === 1;
    },

    async of(lane, owner) {
      const { hashes = [] } = (await findSlot(database, lane, owner)) ?? {};
      if (hashes.length === 0) return [];
      const found = await database.run(() => attempts.find({ _id: { $in: [...hashes] } }).lean());
      const byHash = new Map(found.map((document) => [document._id, toAttempt(document)]));
      return hashes.map((hash) => {
        const attempt = byHash.get(hash);
        if (attempt === undefined) throw new Error(`lane ${lane}: attempt ${hash} is named and not stored`);
        return attempt;
      });
    },
  };
}
