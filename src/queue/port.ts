/**
 * Wake-ups: "look at this order". Nothing that matters is in one; a lost one costs a second (the sweeper finds the
 * order), a repeated one finds nothing to do.
 */

export interface WakeUp {
  readonly orderId: string;
  /** The order's version: the same wake-up twice is one, and a later one is never swallowed by an earlier. */
  readonly version: number;
}

export interface WakeQueue {
  /** Resolves once the queue holds them. Rejects while it cannot be reached; whoever asked goes on without. */
  wake(wakeUps: readonly WakeUp[]): Promise<void>;
  /** The same, to be delivered after `delayMs`. */
  wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void>;
  /** Delivers wake-ups, at most `concurrency` at a time; one is done when `take` resolves. Called at most once. */
  consume(concurrency: number, take: (orderId: string) => Promise<void>): void;
  /** Null while the queue cannot be reached. */
  depth(): Promise<{ readonly waiting: number; readonly delayed: number } | null>;
  close(): Promise<void>;
}
