/**
 * The compare-and-set of an order. It reads the order's small columns, checks the commit against them, then writes exactly the
 * columns that change: a commit that stays in its status and keeps its worker touches no index.
 */
import { isFinal } from '../../../../machines/order/state.ts';
import { judgeCommit, made } from '../../judge-commit.ts';
import type { Commit, Committed, OrderStore } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { prepareUnseenCommands, type UnseenCommands } from './inbox.ts';
import { HEAD_COLUMNS, type OrderHead } from './mapping.ts';

type Progress = [
  version: number,
  machineVersion: number,
  lastSeq: number,
  commitId: string,
  inboxDone: number,
  updatedAt: number,
  state: string,
];
const PROGRESS =
  'version = ?, machine_version = ?, last_seq = ?, commit_id = ?, inbox_done = ?, updated_at = ?, state = ?';

export function prepareCommit(connection: Connection): OrderStore['commit'] {
  const { db, clock } = connection;
  const selectHead = db.prepare<[string], OrderHead>(`SELECT ${HEAD_COLUMNS} FROM orders WHERE id = ?`);
  const insertEntry = db.prepare<[number, number, string]>(
    'INSERT INTO journal (order_no, seq, entry) VALUES (?, ?, ?)',
  );
  const stay = db.prepare<[...Progress, number]>(`UPDATE orders SET ${PROGRESS} WHERE no = ?`);
  const move = db.prepare<[...Progress, string, number]>(
    `UPDATE orders SET ${PROGRESS}, status = ? WHERE no = ?`,
  );
  const end = db.prepare<[...Progress, string, number, number]>(
    `UPDATE orders SET ${PROGRESS}, status = ?, ended_at = ?, wake_at = NULL, worker = NULL WHERE no = ?`,
  );
  const park = db.prepare<[...Progress, string, number, number, number]>(
    `UPDATE orders SET ${PROGRESS}, status = ?, waits_since = ?, wake_at = ?, worker = NULL WHERE no = ?`,
  );
  const endHold = db.prepare<[number]>('UPDATE orders SET held_by = NULL WHERE no = ?');
  const unseenCommands = prepareUnseenCommands(db);

  return (deferred) =>
    connection.write(() => {
      const commit = made(deferred);
      const head = selectHead.get(commit.orderId);
      const refused = refusal(head, commit, unseenCommands);
      if (head === undefined || refused !== null) return refused ?? { outcome: 'lost', storedVersion: null };

      const { status, inboxDone, entries } = commit;
      const now = clock.now();
      const progress: Progress = [
        head.version + 1,
        commit.state.machineVersion,
        head.last_seq + entries.length,
        commit.commitId,
        inboxDone,
        now,
        JSON.stringify(commit.state),
      ];
      for (const entry of entries) insertEntry.run(head.no, entry.seq, JSON.stringify(entry));
      if (commit.endsHold === true) endHold.run(head.no);
      if (isFinal(status)) end.run(...progress, status, now, head.no);
      else if (commit.parkForMs !== undefined) {
        // A command that came meanwhile must not sleep with the order.
        const wakeAt = head.inbox_length > inboxDone ? now : now + Math.ceil(commit.parkForMs);
        park.run(...progress, status, now, wakeAt, head.no);
      } else if (status === head.status) stay.run(...progress, head.no);
      else move.run(...progress, status, head.no);
      return { outcome: 'committed' };
    });
}

/** Why the order does not take this commit; null where it does. */
function refusal(
  head: OrderHead | undefined,
  commit: Commit,
  unseenCommands: UnseenCommands,
): Committed | null {
  if (head === undefined) return { outcome: 'lost', storedVersion: null };
  const verdict = judgeCommit(
    {
      version: head.version,
      commitId: head.commit_id,
      isEnded: head.ended_at !== null,
      lastSeq: head.last_seq,
      inboxLength: head.inbox_length,
    },
    commit,
  );
  switch (verdict) {
    case 'take':
      return null;
    case 'repeated':
      return { outcome: 'committed' };
    case 'lost':
      return { outcome: 'lost', storedVersion: head.version };
    case 'commands_waiting': {
      const commands = unseenCommands(head.no, head.inbox_done);
      return { outcome: 'commands_waiting', commands, inboxLength: head.inbox_length };
    }
  }
}
