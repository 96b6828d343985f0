import type { Commit, DeferredCommit } from './ports.ts';

/** What decides whether an order takes a commit. */
export interface CommitHead {
  readonly version: number;
  readonly commitId: string | null;
  readonly isEnded: boolean;
  readonly lastSeq: number;
  readonly inboxLength: number;
}

export type Verdict =
  | 'take'
  /** The order has this commit already: its answer was lost. */
  | 'repeated'
  | 'lost'
  | 'commands_waiting';

/** The commit as it is written now. @throws Error for entries that do not follow each other: a defect of the caller */
export function made(deferred: Commit | DeferredCommit): Commit {
  const commit = typeof deferred === 'function' ? deferred() : deferred;
  const [first, ...later] = commit.entries;
  let expected = first.seq;
  for (const { seq } of later) {
    expected += 1;
    if (seq !== expected) throw outOfOrder(commit, seq, expected);
  }
  return commit;
}

/** @throws Error for entries that do not follow the last one: a defect of the caller */
export function judgeCommit(head: CommitHead, commit: Commit): Verdict {
  const { expectedVersion, commitId, entries, inboxSeen } = commit;
  if (head.commitId === commitId) return 'repeated';
  if (head.version !== expectedVersion || head.isEnded) return 'lost';
  if (inboxSeen !== undefined && head.inboxLength !== inboxSeen) return 'commands_waiting';
  const [{ seq }] = entries;
  if (seq !== head.lastSeq + 1) throw outOfOrder(commit, seq, head.lastSeq + 1);
  return 'take';
}

function outOfOrder({ orderId }: Commit, seq: number, expected: number): Error {
  return new Error(`order ${orderId}: the entry has seq ${seq}, expected ${expected}`);
}
