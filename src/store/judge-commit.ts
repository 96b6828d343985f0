import type { Commit } from './ports.ts';

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

/** @throws Error for an entry that does not follow the last one: a defect of the caller */
export function judgeCommit(head: CommitHead, commit: Commit): Verdict {
  const { orderId, expectedVersion, commitId, entry, inboxSeen } = commit;
  if (head.commitId === commitId) return 'repeated';
  if (head.version !== expectedVersion || head.isEnded) return 'lost';
  if (inboxSeen !== undefined && head.inboxLength !== inboxSeen) return 'commands_waiting';
  if (entry.seq !== head.lastSeq + 1) {
    throw new Error(`order ${orderId}: the entry has seq ${entry.seq}, expected ${head.lastSeq + 1}`);
  }
  return 'take';
}
