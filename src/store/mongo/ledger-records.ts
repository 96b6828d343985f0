import { UnknownLane, type Attempt, type Slot } from '../ledger.ts';
import type { LaneRecord, LedgerRecords, SettledRecord, SlotRecord } from '../ledger-records.ts';
import type { Database } from './database.ts';
import { isDuplicateKey } from './failures.ts';
import {
  settledId,
  settledToSlot,
  toAttempt,
  toLane,
  type LaneDocument,
  type SettledDocument,
} from './ledger-documents.ts';
import { shed } from './shed.ts';

export function mongoLedgerRecords(database: Database): LedgerRecords {
  const { lanes, settled, attempts } = database.ledger;

  async function withAttempts(slots: readonly Slot[]): Promise<readonly SlotRecord[]> {
    const hashes = slots.flatMap((slot) => [...slot.hashes]);
    const found = await database.run(() => attempts.find({ _id: { $in: hashes } }).lean());
    const byHash = new Map(found.map((document) => [document._id, toAttempt(document)]));
    return slots.map((slot) => ({
      ...slot,
      attempts: slot.hashes.map((hash) => {
        const attempt = byHash.get(hash);
        if (attempt === undefined) throw new Error(`attempt ${hash} is named and not stored`);
        return attempt;
      }),
    }));
  }

  async function readLane(lane: string): Promise<LaneRecord> {
    const document = await database.run(() => lanes.findById(lane).lean());
    if (document === null) throw new UnknownLane(lane);
    const { open, ...rest } = toLane(document);
    return { ...rest, open: await withAttempts(open) };
  }

  async function toSettled(documents: readonly SettledDocument[]): Promise<readonly SettledRecord[]> {
    const records = await withAttempts(documents.map(settledToSlot));
    return records.map((record, index) => ({ lane: documents[index]?.lane ?? '', ...record }));
  }

  /** Before they are named: as whoever signs does. */
  async function store(all: readonly Attempt[]): Promise<void> {
    for (const {
      hash,
      lane,
      orderId,
      epoch,
      nonce,
      kind,
      bytes,
      maxFeePerGas,
      maxPriorityFeePerGas,
    } of all) {
      const document = { lane, orderId, epoch, nonce, kind, bytes, maxFeePerGas, maxPriorityFeePerGas };
      await unlessThere(() => database.run(() => attempts.insertOne({ _id: hash, ...document })));
    }
  }

  return {
    async lanes() {
      const documents = await database.run(() => lanes.find({}).sort({ _id: 1 }).lean());
      // What a process that died left closed in front belongs to the settled ones.
      for (const document of documents) await shed(database, document);
      const records: LaneRecord[] = [];
      for (const { _id } of documents) records.push(await readLane(_id));
      return records;
    },

    async settled(after, limit) {
      const documents = await database.run(() =>
        settled
          .find(after === null ? {} : { _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit)
          .lean(),
      );
      const last = documents.length < limit ? undefined : documents.at(-1);
      return { records: await toSettled(documents), next: last?._id ?? null };
    },

    async putLane({ lane, genesis, base, open, halted }) {
      await store(open.flatMap((slot) => slot.attempts));
      const document: LaneDocument = {
        _id: lane,
        genesis,
        base,
        open: open.map(({ orderId, epoch, state, hashes, spends, outcome }) => ({
          orderId,
          epoch,
          state,
          hashes: [...hashes],
          ...(spends === null ? {} : { spends: { token: spends.token, amount: spends.amount } }),
          ...(outcome === null ? {} : { outcome }),
        })),
        ...(halted === null ? {} : { halted: { code: halted.code, message: halted.message } }),
      };
      if (await unlessThere(() => database.run(() => lanes.insertOne(document)))) return { written: true };
      return { written: false, existing: await readLane(lane) };
    },

    async putSettled(record) {
      const { lane, orderId, epoch, nonce, hashes, spends, outcome } = record;
      if (outcome === null)
        throw new Error(`nonce ${nonce} of lane ${lane} is not closed: expected its outcome`);
      if ((await database.run(() => lanes.countDocuments({ _id: lane }))) === 0) throw new UnknownLane(lane);
      await store(record.attempts);
      const _id = settledId(lane, record);
      const document: SettledDocument = {
        _id,
        lane,
        orderId,
        epoch,
        nonce,
        hashes: [...hashes],
        ...(spends === null ? {} : { spends: { token: spends.token, amount: spends.amount } }),
        outcome,
      };
      if (await unlessThere(() => database.run(() => settled.insertOne(document)))) return { written: true };
      const there = await database.run(() => settled.findById(_id).lean());
      const [existing] = there === null ? [] : await toSettled([there]);
      if (existing === undefined) throw new Error(`${_id}: neither inserted nor there`);
      return { written: false, existing };
    },
  };
}

/** False: it was there. */
async function unlessThere(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await insert();
    return true;
  } catch (thrown) {
    if (!isDuplicateKey(thrown)) throw thrown;
    return false;
  }
}
