/** When blocks come. Everything follows from stored times, so that it is the same after a crash and in every process. */

export interface BlockSettings {
  /** 0: each transaction is mined at once, as it is sent. */
  readonly blockTimeMs: number;
  /** How many blocks must follow a receipt before it is final. */
  readonly confirmations: number;
}

/** All times in Unix milliseconds. */
export interface BlockTime {
  readonly instant: boolean;
  /** The end of the block that takes in what was sent at `sentAt`: the next boundary. */
  inclusionOf(sentAt: number): number;
  /** The end of the last block that is complete. */
  lastBoundary(now: number): number;
  /** The time of the last block, as a chain compares it with `validTo`: in Unix seconds. Without a block time, now. */
  secondsAt(now: number): number;
  /** From 1. Without a block time there is a block for each millisecond. */
  numberAt(at: number): number;
  /** When a receipt of `minedAt` is final; 0 (at once) without a block time, whatever the clock does. */
  finalAt(minedAt: number): number;
}

export function blockTime(genesis: number, { blockTimeMs, confirmations }: BlockSettings): BlockTime {
  const step = Math.max(1, blockTimeMs);
  const before = (at: number) => Math.floor((at - genesis) / step);
  return {
    instant: blockTimeMs === 0,
    inclusionOf: (sentAt) => (blockTimeMs === 0 ? sentAt : genesis + (before(sentAt) + 1) * step),
    lastBoundary: (now) => genesis + before(now) * step,
    secondsAt: (now) => Math.floor((blockTimeMs === 0 ? now : genesis + before(now) * step) / 1000),
    numberAt: (at) => before(at) + 1,
    finalAt: (minedAt) => (blockTimeMs === 0 ? 0 : minedAt + confirmations * blockTimeMs),
  };
}
