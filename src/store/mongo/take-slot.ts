/**
 * Takes a slot by one `$push`. What guards it against a second nonce for one owner is that
 *
 * - none of the open slots is this owner's;
 * - none of the settled ones was, looked up after an end of the lane was seen (`base` and as many as are open);
 * - no slot that was taken since then can have left: `base` is not beyond that end.
 *
 * So that a push may arrive at any later time, from a process that was given up long ago. An end that was seen earlier
 * guards as well as a fresh one, and is only sooner in vain: a process remembers the last, and reads the lane where it has
 * none or was refused.
 */
import type { Slot, SlotOwner, Slots, Taken } from '../ledger.ts';
import type { Database } from './database.ts';
import { findSettled } from './find-slot.ts';
import { readLane } from './lanes.ts';
import { openSlotOf, type LaneDocument } from './ledger-documents.ts';
import { shed } from './shed.ts';

type Rules = Parameters<Slots['take']>[2];

export function takeIn(database: Database): Slots['take'] {
  const { lanes } = database.ledger;
  const ends = new Map<string, number>();

  /** Null: refused, for what the lane tells. */
  async function push(lane: string, owner: SlotOwner, rules: Rules, end: number): Promise<Slot | null> {
    const { orderId, epoch } = owner;
    const { window, spends } = rules;
    const slot = { orderId, epoch, state: 'reserved', hashes: [], ...(spends === null ? {} : { spends }) };
    const after = await database.run(() =>
      lanes
        .findOneAndUpdate(
          {
            _id: lane,
            base: { $lte: end },
            halted: { $exists: false },
            open: { $not: { $elemMatch: { orderId, epoch } } },
            [`open.${window - 1}`]: { $exists: false },
          },
          { $push: { open: slot } },
          { returnDocument: 'after' },
        )
        .lean(),
    );
    if (after === null) return null;
    ends.set(lane, endOf(after));
    return openSlotOf(after, owner);
  }

  return async (lane, owner, rules): Promise<Taken> => {
    let end = ends.get(lane);
    for (;;) {
      if (end !== undefined && rules.window > 0) {
        const slot = (await findSettled(database, lane, owner)) ?? (await push(lane, owner, rules, end));
        if (slot !== null) return { outcome: 'taken', slot };
      }
      const seen = await readLane(database, lane);
      const own = openSlotOf(seen, owner);
      if (own !== null) return { outcome: 'taken', slot: own };
      if (seen.halted !== undefined || seen.open.length >= rules.window) {
        const settled = await findSettled(database, lane, owner);
        if (settled !== null) return { outcome: 'taken', slot: settled };
        if (seen.halted !== undefined) return { outcome: 'halted', halt: seen.halted };
        if (seen.open[0]?.state !== 'closed') return { outcome: 'full' };
        // Whoever closed it died before it left.
        await shed(database, seen);
      }
      end = endOf(seen);
    }
  };
}

/** The nonce of the next slot. */
function endOf({ base, open }: LaneDocument): number {
  return base + open.length;
}
