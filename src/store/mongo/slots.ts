import type { Slots } from '../ledger.ts';
import { closeIn } from './close-slot.ts';
import type { Database } from './database.ts';
import { findSlot } from './find-slot.ts';
import { takeIn } from './take-slot.ts';

export function mongoSlots(database: Database): Slots {
  const { lanes } = database.ledger;

  return {
    take: takeIn(database),
    find: (lane, owner) => findSlot(database, lane, owner),

    async move(lane, owner, from, to) {
      const { orderId, epoch } = owner;
      for (;;) {
        const { matchedCount } = await database.run(() =>
          lanes.updateOne(
            { _id: lane, open: { $elemMatch: { orderId, epoch, state: from } } },
            { $set: { 'open.$.state': to } },
          ),
        );
        if (matchedCount === 1) return true;
        const slot = await findSlot(database, lane, owner);
        // In `from` only now: it is tried again.
        if (slot?.state !== from) return slot?.state === to;
      }
    },

    close: closeIn(database),
  };
}
