import type { JournaledMessage } from '../protocol/messages.ts';

/** The event that moved an order, stamped, with its payload, as plain JSON. */
export interface JournaledEvent {
  readonly type: string;
  readonly at: number;
  readonly draw: number;
  readonly [payload: string]: unknown;
}

/**
 * One transition that was taken. Events and machine version suffice to replay the order; the message is what its
 * watchers are told, projected once, so that a later release does not retell the past.
 */
export interface JournalEntry {
  /** 1..n, without a gap. */
  readonly seq: number;
  /** Unix milliseconds, never before the entry before. */
  readonly at: number;
  readonly machineVersion: number;
  readonly event: JournaledEvent;
  /** The transitions that were taken, each as `source id | event type | index among its source's transitions of that event`. */
  readonly edges: readonly string[];
  /** The state reached: `routing.quoting`. */
  readonly state: string;
  readonly message: JournaledMessage;
  /** Commands that came too late to change how the order ended; on a final entry only. */
  readonly refused?: readonly string[];
}
