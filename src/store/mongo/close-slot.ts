import { noSlot } from '../ledger-defects.ts';
import type { Slot, SlotOutcome, SlotOwner, Slots } from '../ledger.ts';
import type { Database } from './database.ts';
import { findSettled } from './find-slot.ts';
import { readLane } from './lanes.ts';
import { openSlotOf, type LaneDocument } from './ledger-documents.ts';
import { shed } from './shed.ts';

/**
 * Outcome and state change in one write. Then the lane sheds what is closed in front: whoever closed the last slot of that run
 * sees all of it closed, so that somebody always does; repeating `close` finishes it for one that died.
 */
export function closeIn(database: Database): Slots['close'] {
  const { lanes } = database.ledger;

  /** Null: it is none of the open slots that are not closed. */
  function mark(
    lane: string,
    { orderId, epoch }: SlotOwner,
    { hash, kind, status, block }: SlotOutcome,
  ): Promise<LaneDocument | null> {
    return database.run(() =>
      lanes
        .findOneAndUpdate(
          { _id: lane, open: { $elemMatch: { orderId, epoch, state: { $ne: 'closed' } } } },
          { $set: { 'open.$.state': 'closed', 'open.$.outcome': { hash, kind, status, block } } },
          { returnDocument: 'after' },
        )
        .lean(),
    );
  }

  return async (lane, owner, outcome) => {
    for (;;) {
      const document = (await mark(lane, owner, outcome)) ?? (await readLane(database, lane));
      const slot = openSlotOf(document, owner);
      if (slot === null) {
        if ((await findSettled(database, lane, owner)) === null) throw noSlot(lane, owner);
        return;
      }
      // In another state only where it was taken after `mark`: it is tried again.
      if (slot.state !== 'closed') continue;
      // What is closed in front of one that is not leaves with the one that was closed last of them.
      if (isInFront(document, slot)) await shed(database, document);
      return;
    }
  };
}

/** It and all before it are closed. */
function isInFront({ base, open }: LaneDocument, { nonce }: Slot): boolean {
  return open.slice(0, nonce - base + 1).every(({ state }) => state === 'closed');
}
