/**
 * The compare-and-set of an order: one update of one document, which sets only what the commit is about. Where it is not
 * taken, the order is read to find out why.
 */
import type { mongo } from 'mongoose';
import { isFinal } from '../../../../machines/order/state.ts';
import type { PassCrashPoint } from '../../../crash-points.ts';
import { judgeCommit, made } from '../../judge-commit.ts';
import type { Commit, DeferredCommit, OrderStore } from '../../ports.ts';
import type { Database } from '../database.ts';
import { unseenCommands } from './inbox.ts';
import { endFields, type OrderDocument } from './mapping.ts';

const HEAD = { version: 1, commitId: 1, open: 1, lastSeq: 1, inbox: 1, inboxDone: 1 } as const;

interface Update {
  readonly filter: mongo.Filter<OrderDocument>;
  readonly update: mongo.UpdateFilter<OrderDocument>;
}

interface Write {
  readonly commit: Commit | DeferredCommit;
  /** False: an order that parks waits for no time at all. */
  readonly maySleep: boolean;
}

export function prepareCommit(database: Database, passCrashPoint: PassCrashPoint): OrderStore['commit'] {
  const { orders, orderDocuments, clock } = database;

  const update = database.batched<Write, boolean>(async (writes) => {
    const now = clock.now();
    const batch = writes.map(({ commit, maySleep }) => updateOf(made(commit), maySleep, now));
    const one = batch.length === 1 ? batch[0] : undefined;
    const { modifiedCount } =
      one === undefined
        ? await orderDocuments.bulkWrite(
            batch.map((updateOne) => ({ updateOne })),
            { ordered: false },
          )
        : await orderDocuments.updateOne(one.filter, one.update);
    // The server counts them and names none: where one was not taken, each is looked up by its commit's id.
    return batch.map(() => modifiedCount === batch.length);
  });

  /** @returns false: it was not taken, or it is not known whether it was */
  async function write(deferred: Write): Promise<boolean> {
    passCrashPoint('store.committing');
    const isTaken = await update(deferred);
    passCrashPoint('store.committed');
    return isTaken;
  }

  return async (deferred) => {
    for (;;) {
      if (await write({ commit: deferred, maySleep: true })) return { outcome: 'committed' };
      const commit = made(deferred);
      const { orderId } = commit;
      const head = await database.run(() => orders.findById(orderId, HEAD).lean());
      if (head === null) return { outcome: 'lost', storedVersion: null };
      const { version, lastSeq, inbox } = head;
      const verdict = judgeCommit(
        {
          version,
          commitId: head.commitId ?? null,
          isEnded: head.open !== true,
          lastSeq,
          inboxLength: inbox.length,
        },
        commit,
      );
      switch (verdict) {
        case 'repeated':
          return { outcome: 'committed' };
        case 'lost':
          return { outcome: 'lost', storedVersion: version };
        case 'commands_waiting':
          return { outcome: 'commands_waiting', commands: unseenCommands(head), inboxLength: inbox.length };
        case 'take':
          // A command waits that the order would have slept on: it waits for no time at all.
          if (commit.parkForMs !== undefined && (await write({ commit, maySleep: false }))) {
            return { outcome: 'committed' };
          }
      }
    }
  };
}

function updateOf(commit: Commit, maySleep: boolean, now: number): Update {
  const { orderId, expectedVersion, entries, status, inboxDone, inboxSeen, endsHold } = commit;
  const ends = isFinal(status);
  const parks = !ends && commit.parkForMs !== undefined;
  const parkForMs = maySleep ? (commit.parkForMs ?? 0) : 0;
  const lastSeq = entries[0].seq - 1;
  const gone = [
    ...(ends ? (['open', 'worker', 'wakeAt', 'commanded'] as const) : []),
    ...(parks ? (['worker'] as const) : []),
    ...(endsHold === true ? (['heldBy'] as const) : []),
  ];
  return {
    filter: {
      _id: orderId,
      version: expectedVersion,
      open: true,
      lastSeq,
      ...(inboxSeen === undefined ? {} : noCommandAbove(inboxSeen)),
      // An order with a command that it has not seen must not sleep.
      ...(parks && parkForMs > 0 ? noCommandAbove(inboxDone) : {}),
    },
    update: {
      $set: {
        version: expectedVersion + 1,
        machineVersion: commit.state.machineVersion,
        status,
        lastSeq: lastSeq + entries.length,
        commitId: commit.commitId,
        inboxDone,
        state: JSON.stringify(commit.state),
        ...(ends ? endFields(commit.state.context) : {}),
        ...(parks ? { wakeAt: new Date(now + Math.ceil(parkForMs)), waitsSince: new Date(now) } : {}),
      },
      // The server's time, however long this waits on its way: see changes.ts.
      $currentDate: { updatedAt: true },
      $push: { journal: { $each: entries.map((entry) => JSON.stringify(entry)) } },
      ...(gone.length === 0 ? {} : { $unset: Object.fromEntries(gone.map((field) => [field, 1 as const])) }),
    },
  };
}

/** The inbox holds at most `length` commands. */
export function noCommandAbove(length: number): Record<string, { $exists: false }> {
  return { [`inbox.${length}`]: { $exists: false } };
}
