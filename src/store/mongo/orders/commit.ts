/**
 * The compare-and-set of an order: one update of one document, which sets only what the commit is about. Where it is not
 * taken, the order is read to find out why.
 */
import type { mongo } from 'mongoose';
import { isFinal } from '../../../../machines/order/state.ts';
import type { PassCrashPoint } from '../../../crash-points.ts';
import { judgeCommit } from '../../judge-commit.ts';
import type { Commit, OrderStore } from '../../ports.ts';
import type { Database } from '../database.ts';
import { unseenCommands } from './inbox.ts';
import { endFields, type OrderDocument } from './mapping.ts';

const HEAD = { version: 1, commitId: 1, open: 1, lastSeq: 1, inbox: 1, inboxDone: 1 } as const;

interface Update {
  readonly filter: mongo.Filter<OrderDocument>;
  readonly update: mongo.UpdateFilter<OrderDocument>;
}

export function prepareCommit(database: Database, passCrashPoint: PassCrashPoint): OrderStore['commit'] {
  const { orders, orderDocuments, clock } = database;

  const update = database.batched<Update, boolean>(async (batch) => {
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

  /**
   * @param parkForMs null: it stays with its worker, or ends
   * @returns false: it was not taken, or it is not known whether it was
   */
  async function write(commit: Commit, parkForMs: number | null): Promise<boolean> {
    passCrashPoint('store.committing');
    const isTaken = await update(updateOf(commit, parkForMs, clock.now()));
    passCrashPoint('store.committed');
    return isTaken;
  }

  return async (commit) => {
    for (;;) {
      const parkForMs = commit.parkForMs ?? null;
      if (await write(commit, parkForMs)) return { outcome: 'committed' };
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
          if (parkForMs !== null && (await write(commit, 0))) return { outcome: 'committed' };
      }
    }
  };
}

function updateOf(commit: Commit, parkForMs: number | null, now: number): Update {
  const { orderId, expectedVersion, entry, status, inboxDone, inboxSeen, endsHold } = commit;
  const ends = isFinal(status);
  const parks = !ends && parkForMs !== null;
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
      lastSeq: entry.seq - 1,
      ...(inboxSeen === undefined ? {} : noCommandAbove(inboxSeen)),
      // An order with a command that it has not seen must not sleep.
      ...(parks && parkForMs > 0 ? noCommandAbove(inboxDone) : {}),
    },
    update: {
      $set: {
        version: expectedVersion + 1,
        machineVersion: commit.state.machineVersion,
        status,
        lastSeq: entry.seq,
        commitId: commit.commitId,
        inboxDone,
        state: JSON.stringify(commit.state),
        ...(ends ? endFields(commit.state.context) : {}),
        ...(parks ? { wakeAt: new Date(now + Math.ceil(parkForMs)), waitsSince: new Date(now) } : {}),
      },
      // The server's time, however long this waits on its way: see changes.ts.
      $currentDate: { updatedAt: true },
      $push: { journal: JSON.stringify(entry) },
      ...(gone.length === 0 ? {} : { $unset: Object.fromEntries(gone.map((field) => [field, 1 as const])) }),
    },
  };
}

/** The inbox holds at most `length` commands. */
export function noCommandAbove(length: number): Record<string, { $exists: false }> {
  return { [`inbox.${length}`]: { $exists: false } };
}
