import type { Slot, SlotOwner } from '../ledger.ts';
import type { Database } from './database.ts';
import { readLane } from './lanes.ts';
import { openSlotOf, settledId, settledToSlot } from './ledger-documents.ts';

/**
 * Open or closed; null: it never had one. The lane is read first: a slot is among the settled ones before it leaves its lane,
 * so that one that is in neither place was in none when this began.
 * @throws UnknownLane
 */
export async function findSlot(database: Database, lane: string, owner: SlotOwner): Promise<Slot | null> {
  return openSlotOf(await readLane(database, lane), owner) ?? findSettled(database, lane, owner);
}

export async function findSettled(database: Database, lane: string, owner: SlotOwner): Promise<Slot | null> {
  const found = await database.run(() => database.ledger.settled.findById(settledId(lane, owner)).lean());
  return found === null ? null : settledToSlot(found);
}
