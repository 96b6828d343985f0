import type { Audit } from './audit.ts';

export interface FaultFigures extends Audit {
  readonly acknowledged: number;
  readonly openAtEnd: number;
  readonly feedFaults: readonly string[];
}

/** The promises that a fault run broke, in words. Empty: all hold. */
export function brokenPromises(figures: FaultFigures): readonly string[] {
  const counted = [
    [figures.acknowledgedButMissing, 'acknowledged orders are not in the store'],
    [figures.openAtEnd, 'orders did not end at their clients'],
    [figures.notEnded, 'orders did not end in the store'],
    [figures.executedTwice, 'orders were executed more than once'],
    [figures.executedUnconfirmed, 'orders were executed and not confirmed'],
    [figures.confirmedUnexecuted, 'orders were confirmed and not executed'],
    [figures.journalFaults.length, 'journals are not what was stored'],
    [figures.feedFaults.length, 'feeds had a gap, a repeat or an error'],
  ] as const;
  return counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
}
