import type { JournaledMessage } from '../protocol/messages.ts';

/** The event that moved an order, stamped, with its payload, as plain JSON. */
export interface JournaledEvent {
  readonly type: string;
  readonly at: number;
  readonly draw: number;
  readonly [payload: string]: unknown;
}

/**
 * One transition that was taken. Events and machine version suffice to replay the order. The message for its watchers is projected
 * once, so that a later release does not change what was sent.
 */
export interface JournalEntry {
  /** 1..n, without a gap. */
  readonly seq: number;
  /** Unix milliseconds, not before the previous entry. */
  readonly at: number;
  readonly machineVersion: number;
  readonly event: JournaledEvent;
  /** The transitions that were taken, each as `source id | event type | index among its source's transitions of that event`. */
  readonly edges: readonly string[];
  /** The state reached: `routing.quoting`. */
  readonly state: string;
  readonly message: JournaledMessage;
  /** Commands that came too late to have an effect; on a final entry only. */
  readonly refused?: readonly string[];
}
