/**
 * Takes a slot by one `$push`. What guards it against a second nonce for one owner is that
 *
 * - none of the open slots is this owner's;
 * - none of the settled ones was, read after the lane;
 * - no slot that was taken since then can have left: `base` is not beyond the end of the lane that was read.
 *
 * So that a push may arrive at any later time, from a process that was given up long ago.
 */
import type { Slots } from '../ledger.ts';
import type { Database } from './database.ts';
import { findSettled } from './find-slot.ts';
import { readLane } from './lanes.ts';
import { openSlotOf } from './ledger-documents.ts';
import { shed } from './shed.ts';

export function takeIn(database: Database): Slots['take'] {
  const { lanes } = database.ledger;

  return async (lane, owner, { window, spends }) => {
    const { orderId, epoch } = owner;
    const slot = { orderId, epoch, state: 'reserved', hashes: [], ...(spends === null ? {} : { spends }) };
    for (;;) {
      const seen = await readLane(database, lane);
      const own = openSlotOf(seen, owner) ?? (await findSettled(database, lane, owner));
      if (own !== null) return { outcome: 'taken', slot: own };
      if (seen.halted !== undefined) return { outcome: 'halted', halt: seen.halted };
      if (seen.open.length >= window) {
        if (seen.open[0]?.state !== 'closed') return { outcome: 'full' };
        // Whoever closed it died before it left.
        await shed(database, seen);
        continue;
      }
      const taken = await database.run(() =>
        lanes
          .findOneAndUpdate(
            {
              _id: lane,
              base: { $lte: seen.base + seen.open.length },
              halted: { $exists: false },
              open: { $not: { $elemMatch: { orderId, epoch } } },
              [`open.${window - 1}`]: { $exists: false },
            },
            { $push: { open: slot } },
            { returnDocument: 'after' },
          )
          .lean(),
      );
      const mine = taken === null ? null : openSlotOf(taken, owner);
      if (mine !== null) return { outcome: 'taken', slot: mine };
    }
  };
}
