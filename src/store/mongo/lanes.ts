import { OtherChain, UnknownLane, type Lanes } from '../ledger.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './failures.ts';
import { toLane, type LaneDocument } from './ledger-documents.ts';

export function mongoLanes(database: Database): Lanes {
  const { lanes } = database.ledger;

  async function make(lane: string, genesis: string, base: number): Promise<void> {
    try {
      await database.run(() => lanes.insertOne({ _id: lane, genesis, base, open: [] }));
    } catch (thrown) {
      if (!isDuplicateKey(thrown)) throw thrown;
    }
  }

  return {
    async open(lane, genesis, base) {
      await make(lane, genesis, base);
      const stored = toLane(await readLane(database, lane));
      if (stored.genesis !== genesis) throw new OtherChain(lane, stored.genesis, genesis);
      return stored;
    },

    async read(lane) {
      return toLane(await readLane(database, lane));
    },

    async halt(lane, halt) {
      const change =
        halt === null
          ? { $unset: { halted: 1 } }
          : { $set: { halted: { code: halt.code, message: halt.message } } };
      const { matchedCount } = await database.run(() => lanes.updateOne({ _id: lane }, change));
      if (matchedCount === 0) throw new UnknownLane(lane);
    },
  };
}

/** @throws UnknownLane */
export async function readLane(database: Database, lane: string): Promise<LaneDocument> {
  const found = await database.run(() => database.ledger.lanes.findById(lane).lean());
  if (found === null) throw new UnknownLane(lane);
  return found;
}
