/**
 * Wake-ups: "look at this order". It carries no data. A lost one costs a second (until the sweeper finds the order), a
 * repeated one finds nothing to do.
 */

export interface WakeUp {
  readonly orderId: string;
  /** The order's version: the same wake-up twice is one job, and an earlier one never swallows a later one. */
  readonly version: number;
}

export interface WakeQueue {
  /** Resolves once the queue holds them. Rejects while it cannot be reached; callers go on without. */
  wake(wakeUps: readonly WakeUp[]): Promise<void>;
  /** The same, to be delivered after `delayMs`. */
  wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void>;
  /** Delivers wake-ups, at most `concurrency` at a time; one is done when `handle` resolves. Called at most once. */
  consume(concurrency: number, handle: (orderId: string) => Promise<void>): void;
  /** Null while the queue cannot be reached. */
  depth(): Promise<{ readonly waiting: number; readonly delayed: number } | null>;
  close(): Promise<void>;
}
