/** What one write of an order holds: the transitions that were taken since the last one, and the commit that stores them. */
import { isFinal, statusOf } from '../../machines/order/state.ts';
import type { Command } from '../../machines/order/types.ts';
import type { OrderSnapshot } from '../../machines/registry.ts';
import { toStoredState, type ReplayedEntry } from '../../machines/replay.ts';
import type { JournaledEvent, JournalEntry } from '../journal/entry.ts';
import { projectMessage } from '../journal/project-message.ts';
import type { Commit } from '../store/ports.ts';

export interface Transition extends ReplayedEntry {
  readonly event: JournaledEvent;
  readonly edges: readonly string[];
  readonly state: string;
  readonly snapshot: OrderSnapshot;
  /** How many commands of the inbox the order had taken. */
  readonly inboxDone: number;
  /** The order waits for this long without a worker; nothing is taken after it. */
  readonly parkForMs: number | null;
}

export interface OrderWrite {
  readonly transitions: readonly Transition[];
  readonly commit: Commit;
}

export interface WriteHead {
  readonly orderId: string;
  /** Of the order as it is stored. */
  readonly version: number;
  readonly lastSeq: number;
  readonly commitId: string;
  /** A release has held the order, and no commit has said yet that this one runs it. */
  readonly wasHeld: boolean;
  /** Commands that came while the order ended: its last entry refuses them. */
  readonly late: readonly Command[];
}

/** @param transitions at least one */
export function orderWrite(transitions: readonly Transition[], head: WriteHead): OrderWrite {
  const { orderId, version, lastSeq, commitId, wasHeld, late } = head;
  const last = lastOf(transitions);
  const status = statusOf(last.state);
  const inboxDone = last.inboxDone + late.length;
  const refused = late.map((command) => command.commandId);
  const [first, ...later] = transitions.map((transition, index) =>
    entryOf(transition, lastSeq + 1 + index, transition === last ? refused : []),
  );
  if (first === undefined) throw new Error(`order ${orderId}: a write without a transition`);
  const commit: Commit = {
    orderId,
    expectedVersion: version,
    commitId,
    status,
    state: toStoredState(last.machineVersion, last.snapshot),
    entries: [first, ...later],
    inboxDone,
    ...(isFinal(status) ? { inboxSeen: inboxDone } : {}),
    ...(last.parkForMs === null ? {} : { parkForMs: last.parkForMs }),
    ...(wasHeld ? { endsHold: true } : {}),
  };
  return { transitions, commit };
}

export function lastOf(transitions: readonly Transition[]): Transition {
  const last = transitions.at(-1);
  if (last === undefined) throw new Error('a write of an order needs a transition');
  return last;
}

function entryOf(
  { machineVersion, event, edges, state, snapshot }: Transition,
  seq: number,
  refused: readonly string[],
): JournalEntry {
  const { at } = event;
  return {
    seq,
    at,
    machineVersion,
    event,
    edges,
    state,
    message: projectMessage({ seq, at, state, context: snapshot.context, refused }),
    ...(refused.length > 0 ? { refused } : {}),
  };
}
