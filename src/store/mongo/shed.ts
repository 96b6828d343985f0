import type { Database } from './database.ts';
import { readLane } from './lanes.ts';
import { settledId, type LaneDocument, type SettledDocument } from './ledger-documents.ts';

/** More than a lane ever holds. */
const ALL = 1_000_000;

/**
 * Takes the closed slots from the front of the lane, each written among the settled ones before. A closed slot never changes
 * and `base` only rises: whoever finds the `base` that it saw finds the same slots in front, and any number may try at once.
 */
export async function shed(database: Database, seen: LaneDocument): Promise<void> {
  const { lanes, settled } = database.ledger;
  let document = seen;
  for (;;) {
    const { _id: lane, base } = document;
    const leaving = closedInFront(document);
    if (leaving.length === 0) return;
    await database.run(() => settled.bulkWrite(leaving.map(unlessThere), { ordered: false }));
    const rest = await database.run(() =>
      lanes
        .findOneAndUpdate(
          { _id: lane, base },
          [{ $set: { base: base + leaving.length, open: { $slice: ['$open', leaving.length, ALL] } } }],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean(),
    );
    document = rest ?? (await readLane(database, lane));
  }
}

function closedInFront({ _id: lane, base, open }: LaneDocument): readonly SettledDocument[] {
  const leaving: SettledDocument[] = [];
  for (const { state, outcome, ...slot } of open) {
    if (state !== 'closed' || outcome === undefined) break;
    leaving.push({ ...slot, outcome, _id: settledId(lane, slot), lane, nonce: base + leaving.length });
  }
  return leaving;
}

function unlessThere({ _id, ...slot }: SettledDocument) {
  return { updateOne: { filter: { _id }, update: { $setOnInsert: slot }, upsert: true } };
}
