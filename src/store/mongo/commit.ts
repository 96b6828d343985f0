/**
 * The compare-and-set of an order: one update of one document, which sets only what the commit is about. Where it is not
 * taken, the order is read to find out why.
 */
import { isFinal } from '../../../machines/order/state.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import { judgeCommit } from '../judge-commit.ts';
import type { Commit, Committed } from '../ports.ts';
import type { Database } from './database.ts';
import { unseenCommands } from './documents.ts';

const HEAD = { version: 1, commitId: 1, open: 1, lastSeq: 1, inbox: 1, inboxDone: 1 } as const;

export function commitIn(
  database: Database,
  passCrashPoint: PassCrashPoint,
): (commit: Commit) => Promise<Committed> {
  const { orders, orderDocuments, clock } = database;

  /** @param parkForMs null: it stays with its worker, or ends */
  async function write(commit: Commit, parkForMs: number | null): Promise<boolean> {
    const { orderId, expectedVersion, entry, status, inboxDone, inboxSeen } = commit;
    const now = clock.now();
    const ends = isFinal(status);
    const parks = !ends && parkForMs !== null;
    passCrashPoint('store.committing');
    const { modifiedCount } = await database.run(() =>
      orderDocuments.updateOne(
        {
          _id: orderId,
          version: expectedVersion,
          open: true,
          lastSeq: entry.seq - 1,
          ...(inboxSeen === undefined ? {} : noCommandAbove(inboxSeen)),
          // An order with a command that it has not seen must not sleep.
          ...(parks && parkForMs > 0 ? noCommandAbove(inboxDone) : {}),
        },
        {
          $set: {
            version: expectedVersion + 1,
            machineVersion: commit.state.machineVersion,
            status,
            lastSeq: entry.seq,
            commitId: commit.commitId,
            inboxDone,
            updatedAt: new Date(now),
            state: JSON.stringify(commit.state),
            ...(parks ? { wakeAt: new Date(now + Math.ceil(parkForMs)) } : {}),
          },
          $push: { journal: JSON.stringify(entry) },
          ...(ends ? { $unset: { open: 1, worker: 1, wakeAt: 1, commanded: 1 } } : {}),
          ...(parks ? { $unset: { worker: 1 } } : {}),
        },
      ),
    );
    passCrashPoint('store.committed');
    return modifiedCount === 1;
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

/** The inbox holds at most `length` commands. */
export function noCommandAbove(length: number): Record<string, { $exists: false }> {
  return { [`inbox.${length}`]: { $exists: false } };
}
