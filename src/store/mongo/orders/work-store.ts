/**
 * Which worker runs which order. A claim is a compare-and-set on the order; whether its worker is dead is read from another
 * document before.
 */
import type { ClaimedOrder, ClaimRules, DueOrder, WorkStore } from '../../ports.ts';
import { SetBackMonitor } from '../../set-back.ts';
import { noCommandAbove } from './commit.ts';
import type { Database } from '../database.ts';
import { unseenCommands } from './inbox.ts';
import { toOrder, WITHOUT_JOURNAL, type OrderDocument, type WorkerDocument } from './mapping.ts';

/** The processes' readings of the server's clock differ by less: see `StoreClock`. */
const SET_BACK_MS = 1_000;

type Dated = Pick<OrderDocument, 'wakeAt' | 'worker' | 'updatedAt'>;
const DUE = { version: 1, machineVersion: 1, wakeAt: 1, worker: 1, updatedAt: 1 } as const;

export function openWorkStore(database: Database): WorkStore {
  const { orders, workers, clock } = database;
  const setBack = new SetBackMonitor(clock);

  async function claimWhere(
    orderId: string,
    workerId: string,
    { machineVersion, release }: Pick<ClaimRules, 'machineVersion' | 'release'>,
    condition: object,
  ): Promise<ClaimedOrder | null> {
    const claimed = await database.run(() =>
      orders
        .findOneAndUpdate(
          {
            _id: orderId,
            open: true,
            heldBy: { $ne: release },
            machineVersion: { $lte: machineVersion },
            ...condition,
          },
          { $set: { worker: workerId }, $unset: { wakeAt: 1, waitsSince: 1, held: 1 }, $inc: { version: 1 } },
          { returnDocument: 'after', projection: WITHOUT_JOURNAL },
        )
        .lean(),
    );
    return claimed === null ? null : toClaimed(claimed);
  }

  async function isAlive(workerId: string, deadAfterMs: number): Promise<boolean> {
    const beat = await database.run(() => workers.findById(workerId).lean());
    return beat !== null && isLive(beat, deadAfterMs);
  }

  function isLive({ beatAt }: Pick<WorkerDocument, 'beatAt'>, deadAfterMs: number): boolean {
    const at = beatAt.getTime();
    return at >= clock.now() - deadAfterMs && at <= setBack.latestBeat(deadAfterMs);
  }

  /** The workers whose heartbeat is young enough, and since when the others' is too old. */
  async function readWorkers(
    deadAfterMs: number,
  ): Promise<{ alive: string[]; deadSince: ReadonlyMap<string, number> }> {
    const all = await database.run(() => workers.find().lean());
    const now = clock.now();
    const dead = all.filter((worker) => !isLive(worker, deadAfterMs));
    return {
      alive: all.filter((worker) => isLive(worker, deadAfterMs)).map(({ _id }) => _id),
      // A heartbeat in the future does not say since when.
      deadSince: new Map(
        dead
          .filter(({ beatAt }) => beatAt.getTime() <= now)
          .map(({ _id, beatAt }) => [_id, beatAt.getTime() + deadAfterMs]),
      ),
    };
  }

  return {
    async beat(workerId) {
      await database.run(() =>
        workers.updateOne({ _id: workerId }, { $currentDate: { beatAt: true } }, { upsert: true }),
      );
    },

    async claim(orderId, workerId, rules) {
      const { deadAfterMs, earlyMs } = rules;
      const now = clock.now();
      const dueBy = new Date(now + earlyMs);
      // A worker may claim again an order that names it: the answer to its first claim may have been lost.
      const waiting = {
        $or: [
          { worker: { $exists: false }, wakeAt: { $lte: dueBy } },
          { worker: { $exists: false }, waitsSince: { $gt: new Date(now + SET_BACK_MS) } },
          { worker: workerId },
        ],
      };
      const claimed = await claimWhere(orderId, workerId, rules, waiting);
      if (claimed !== null) return claimed;
      const other = await database.run(() => orders.findById(orderId, { worker: 1, version: 1 }).lean());
      if (other?.worker === undefined || (await isAlive(other.worker, deadAfterMs))) return null;
      const { worker, version } = other;
      return claimWhere(orderId, workerId, rules, { worker, version });
    },

    async release(orderId, expectedVersion, dueInMs) {
      for (;;) {
        const guard = { _id: orderId, version: expectedVersion, worker: { $exists: true } };
        const order = await database.run(() => orders.findOne(guard, { inbox: 1, inboxDone: 1 }).lean());
        if (order === null) return false;
        // An order with a command that it has not seen must not sleep.
        const waitMs = order.inbox.length > order.inboxDone ? 0 : Math.ceil(dueInMs);
        const now = clock.now();
        const { modifiedCount } = await database.run(() =>
          orders.updateOne(
            { ...guard, ...noCommandAbove(order.inbox.length) },
            {
              $inc: { version: 1 },
              $unset: { worker: 1 },
              $set: { wakeAt: new Date(now + waitMs), waitsSince: new Date(now) },
            },
          ),
        );
        if (modifiedCount === 1) return true;
      }
    },

    async due({ machineVersion, release, deadAfterMs, overdueByMs, limit }) {
      const { alive, deadSince } = await readWorkers(deadAfterMs);
      const now = clock.now();
      const notHeld = release === null ? { held: { $exists: false } } : { heldBy: { $ne: release } };
      const mine = { ...notHeld, machineVersion: { $lte: machineVersion } };
      const [overdue, setBackOnes, abandoned] = await Promise.all([
        database.run(() =>
          orders
            .find({ ...mine, wakeAt: { $lte: new Date(now - overdueByMs) } }, DUE)
            .sort({ wakeAt: 1 })
            .limit(limit)
            .lean(),
        ),
        database.run(() =>
          orders
            .find(
              { ...mine, waitsSince: { $gt: new Date(now + SET_BACK_MS) }, worker: { $exists: false } },
              DUE,
            )
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
      return [...overdue, ...setBackOnes, ...abandoned]
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

    async workers(limit, ordersShown) {
      const found = await database.run(() => workers.find().sort({ beatAt: -1 }).limit(limit).lean());
      const now = clock.now();
      return Promise.all(
        found.map(async ({ _id: workerId, beatAt }) => {
          const isRunByIt = { worker: workerId };
          const [orderCount, first] = await Promise.all([
            database.run(() => orders.countDocuments(isRunByIt)),
            database.run(() =>
              orders.find(isRunByIt, { status: 1 }).sort({ _id: 1 }).limit(ordersShown).lean(),
            ),
          ]);
          const silentMs = Math.max(0, now - beatAt.getTime());
          return {
            workerId,
            silentMs,
            orderCount,
            orders: first.map(({ _id, status }) => ({ orderId: _id, status })),
          };
        }),
      );
    },

    async hold(orderId, expectedVersion, { code, message }, release) {
      const now = new Date(clock.now());
      const { modifiedCount } = await database.run(() =>
        orders.updateOne(
          { _id: orderId, version: expectedVersion, open: true },
          {
            $inc: { version: 1 },
            $unset: { worker: 1 },
            // Due, so that lifting the hold only clears it.
            $set: { held: { code, message }, wakeAt: now, updatedAt: now },
            $addToSet: { heldBy: release },
          },
        ),
      );
      return modifiedCount === 1;
    },

    async liftHold(orderId) {
      const { modifiedCount } = await database.run(() =>
        orders.updateOne(
          { _id: orderId, 'held.code': { $exists: true } },
          { $inc: { version: 1 }, $unset: { held: 1, heldBy: 1 } },
        ),
      );
      return modifiedCount === 1;
    },

    async held(limit) {
      const isHeld = { 'held.code': { $exists: true } };
      const [total, found] = await Promise.all([
        database.run(() => orders.countDocuments(isHeld)),
        database.run(() => orders.find(isHeld, { status: 1, held: 1 }).sort({ _id: 1 }).limit(limit).lean()),
      ]);
      const heldOf = ({ _id, status, held }: Pick<OrderDocument, '_id' | 'status' | 'held'>) =>
        held === undefined ? [] : [{ orderId: _id, status, hold: held }];
      return { total, orders: found.flatMap(heldOf) };
    },

    async retire(workerId) {
      await database.run(() => workers.deleteOne({ _id: workerId }));
    },
  };
}

function toClaimed(document: Omit<OrderDocument, 'journal'>): ClaimedOrder {
  const { inbox, heldBy = [] } = document;
  return {
    ...toOrder(document),
    commands: unseenCommands(document),
    inboxLength: inbox.length,
    wasHeld: heldBy.length > 0,
  };
}
