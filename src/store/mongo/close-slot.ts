import { noSlot } from '../ledger-defects.ts';
import type { Closing, Slots } from '../ledger.ts';
import type { Database } from './database.ts';
import { InTurns } from './in-turns.ts';
import { readLane } from './lanes.ts';
import { openSlotOf, settledId, type LaneDocument } from './ledger-documents.ts';
import { shed } from './shed.ts';

/**
 * Outcomes and state changes in one write. Then the lane sheds what is closed in front: whoever closed the last slot of that run
 * sees all of it closed, so that somebody always does; repeating `close` finishes it for one that died. What several orders of
 * this process close at a time, as when a block has mined them all, is one write, too.
 */
export function closeIn(database: Database): Slots['close'] {
  const { lanes, settled } = database.ledger;
  const turns = new InTurns<Closing, Error | null>();

  /** Null: none of these is open and not closed. */
  function mark(lane: string, closings: readonly Closing[]): Promise<LaneDocument | null> {
    const ids = closings.map(({ orderId }) => orderId);
    return database.run(() =>
      lanes
        .findOneAndUpdate(
          { _id: lane, open: { $elemMatch: { orderId: { $in: ids }, state: { $ne: 'closed' } } } },
          [{ $set: { open: { $map: { input: '$open', as: 'slot', in: closedIfOneOf(closings) } } } }],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean(),
    );
  }

  /** Null for each that is closed now. */
  async function closeAll(lane: string, closings: readonly Closing[]): Promise<readonly (Error | null)[]> {
    let document = (await mark(lane, closings)) ?? (await readLane(database, lane));
    // In another state only where it was taken after `mark`: it is tried again.
    while (closings.some((closing) => isOpen(document, closing))) {
      document = (await mark(lane, closings)) ?? (await readLane(database, lane));
    }
    if (closings.some((closing) => isInFront(document, closing))) await shed(database, document);
    const gone = closings.filter((closing) => openSlotOf(document, closing) === null);
    const ids = gone.map((closing) => settledId(lane, closing));
    const found =
      ids.length === 0
        ? []
        : await database.run(() => settled.find({ _id: { $in: ids } }, { _id: 1 }).lean());
    const there = new Set(found.map(({ _id }) => _id));
    return closings.map((closing) =>
      gone.includes(closing) && !there.has(settledId(lane, closing)) ? noSlot(lane, closing) : null,
    );
  }

  return async (lane, closings) => {
    const answers = await Promise.all(
      closings.map((closing) => turns.take(lane, closing, (all) => closeAll(lane, all))),
    );
    const failure = answers.find((answer) => answer !== null);
    if (failure !== undefined) throw failure;
  };
}

/** Of two outcomes for one slot the first is written. No array filters: not every server knows what to do where none matches. */
function closedIfOneOf(closings: readonly Closing[]) {
  const isStillOpen = { $ne: ['$$slot.state', 'closed'] };
  const branches = closings.map(({ orderId, epoch, outcome: { hash, kind, status, block } }) => ({
    case: {
      $and: [
        { $eq: ['$$slot.orderId', { $literal: orderId }] },
        { $eq: ['$$slot.epoch', epoch] },
        isStillOpen,
      ],
    },
    then: {
      $mergeObjects: ['$$slot', { $literal: { state: 'closed', outcome: { hash, kind, status, block } } }],
    },
  }));
  return { $switch: { branches, default: '$$slot' } };
}

function isOpen(document: LaneDocument, closing: Closing): boolean {
  const slot = openSlotOf(document, closing);
  return slot !== null && slot.state !== 'closed';
}

/** It and all before it are closed. */
function isInFront(document: LaneDocument, closing: Closing): boolean {
  const slot = openSlotOf(document, closing);
  if (slot === null) return false;
  return document.open.slice(0, slot.nonce - document.base + 1).every(({ state }) => state === 'closed');
}
