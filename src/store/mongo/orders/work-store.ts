/**
 * Which worker runs which order. A claim is a compare-and-set on the order; whether its worker is dead is read from another
 * document before.
 */
import type { ClaimedOrder, DueOrder, WorkStore } from '../../ports.ts';
import { noCommandAbove } from './commit.ts';
import type { Database } from '../database.ts';
import { unseenCommands } from './inbox.ts';
import { toOrder, WITHOUT_JOURNAL, type OrderDocument } from './mapping.ts';

type Dated = Pick<OrderDocument, 'wakeAt' | 'worker' | 'updatedAt'>;
const DUE = { version: 1, machineVersion: 1, wakeAt: 1, worker: 1, updatedAt: 1 } as const;

export function openWorkStore(database: Database): WorkStore {
  const { orders, workers, clock } = database;

  async function claimWhere(
    orderId: string,
    workerId: string,
    machineVersion: number,
    condition: object,
  ): Promise<ClaimedOrder | null> {
    const claimed = await database.run(() =>
      orders
        .findOneAndUpdate(
          {
            _id: orderId,
            open: true,
            held: { $exists: false },
            machineVersion: { $lte: machineVersion },
            ...condition,
          },
          { $set: { worker: workerId }, $unset: { wakeAt: 1 }, $inc: { version: 1 } },
          { returnDocument: 'after', projection: WITHOUT_JOURNAL },
        )
        .lean(),
    );
    return claimed === null ? null : toClaimed(claimed);
  }

  async function isAlive(workerId: string, deadAfterMs: number): Promise<boolean> {
    const beat = await database.run(() => workers.findById(workerId).lean());
    return beat !== null && beat.beatAt.getTime() >= clock.now() - deadAfterMs;
  }

  /** The workers whose heartbeat is young enough, and since when the others' is too old. */
  async function readWorkers(
    deadAfterMs: number,
  ): Promise<{ alive: string[]; deadSince: ReadonlyMap<string, number> }> {
    const all = await database.run(() => workers.find().lean());
    const aliveSince = clock.now() - deadAfterMs;
    const isDead = ({ beatAt }: { beatAt: Date }): boolean => beatAt.getTime() < aliveSince;
    return {
      alive: all.filter((worker) => !isDead(worker)).map(({ _id }) => _id),
      deadSince: new Map(all.filter(isDead).map(({ _id, beatAt }) => [_id, beatAt.getTime() + deadAfterMs])),
    };
  }

  return {
    async beat(workerId) {
      await database.run(() =>
        workers.updateOne({ _id: workerId }, { $currentDate: { beatAt: true } }, { upsert: true }),
      );
    },

    async claim(orderId, workerId, { machineVersion, deadAfterMs, earlyMs }) {
      const dueBy = new Date(clock.now() + earlyMs);
      // A worker may claim again an order that names it: the answer to its first claim may have been lost.
      const waiting = {
        $or: [{ worker: { $exists: false }, wakeAt: { $lte: dueBy } }, { worker: workerId }],
      };
      const claimed = await claimWhere(orderId, workerId, machineVersion, waiting);
      if (claimed !== null) return claimed;
      const other = await database.run(() => orders.findById(orderId, { worker: 1, version: 1 }).lean());
      if (other?.worker === undefined || (await isAlive(other.worker, deadAfterMs))) return null;
      const { worker, version } = other;
      return claimWhere(orderId, workerId, machineVersion, { worker, version });
    },

    async release(orderId, expectedVersion, dueInMs) {
      for (;;) {
        const guard = { _id: orderId, version: expectedVersion, worker: { $exists: true } };
        const order = await database.run(() => orders.findOne(guard, { inbox: 1, inboxDone: 1 }).lean());
        if (order === null) return false;
        // An order with a command that it has not seen must not sleep.
        const waitMs = order.inbox.length > order.inboxDone ? 0 : Math.ceil(dueInMs);
        const { modifiedCount } = await database.run(() =>
          orders.updateOne(
            { ...guard, ...noCommandAbove(order.inbox.length) },
            { $inc: { version: 1 }, $unset: { worker: 1 }, $set: { wakeAt: new Date(clock.now() + waitMs) } },
          ),
        );
        if (modifiedCount === 1) return true;
      }
    },

    async due({ machineVersion, deadAfterMs, overdueByMs, limit }) {
      const { alive, deadSince } = await readWorkers(deadAfterMs);
      const now = clock.now();
      const mine = { held: { $exists: false }, machineVersion: { $lte: machineVersion } };
      const [overdue, abandoned] = await Promise.all([
        database.run(() =>
          orders
            .find({ ...mine, wakeAt: { $lte: new Date(now - overdueByMs) } }, DUE)
            .sort({ wakeAt: 1 })
            .limit(limit)
            .lean(),
        ),
        database.run(() =>
          orders
            .find({ ...mine, worker: { $gt: '', $nin: alive } }, DUE)
            .limit(limit)
            .lean(),
        ),
      ]);
      const dueAt = ({ wakeAt, worker, updatedAt }: Dated): number =>
        wakeAt?.getTime() ?? deadSince.get(worker ?? '') ?? updatedAt.getTime();
      return [...overdue, ...abandoned]
        .map((order): DueOrder => ({
          orderId: order._id,
          version: order.version,
          machineVersion: order.machineVersion,
          dueForMs: Math.max(0, now - dueAt(order)),
        }))
        .sort((one, other) => other.dueForMs - one.dueForMs)
        .slice(0, limit);
    },

    async runBy(workerId) {
      const found = await database.run(() => orders.find({ worker: workerId }, { _id: 1 }).lean());
      return found.map(({ _id }) => _id);
    },

    async hold(orderId, expectedVersion, { code, message }) {
      const now = new Date(clock.now());
      const { modifiedCount } = await database.run(() =>
        orders.updateOne(
          { _id: orderId, version: expectedVersion, open: true },
          {
            $inc: { version: 1 },
            $unset: { worker: 1 },
            // Due, so that lifting the hold only clears it.
            $set: { held: { code, message }, wakeAt: now, updatedAt: now },
          },
        ),
      );
      return modifiedCount === 1;
    },

    async retire(workerId) {
      await database.run(() => workers.deleteOne({ _id: workerId }));
    },
  };
}

function toClaimed(document: Omit<OrderDocument, 'journal'>): ClaimedOrder {
  return { ...toOrder(document), commands: unseenCommands(document), inboxLength: document.inbox.length };
}
