import type { JournaledMessage } from '../protocol/messages.ts';
import type { Verdict } from './evidence.ts';
import { label } from './label.ts';

export interface DemoFigures {
  readonly accepted: number;
  /** Refused: their `validTo` had passed when they came. */
  readonly tooLate: number;
  /** Accepted and not ended. */
  readonly open: number;
  readonly endings: ReadonlyMap<JournaledMessage['type'], number>;
  readonly entries: number;
  readonly retries: number;
  /** From POST to `confirmed` at the client. */
  readonly latenciesMs: readonly number[];
  /** Gaps, repeats, disorder, and requests that failed. */
  readonly faults: readonly string[];
}

const FAULTS_SHOWN = 10;

export function printSummary(figures: DemoFigures, verdict: Verdict, print: (line: string) => void): void {
  const endings = ['confirmed', 'failed', 'cancelled'] as const;
  const ended = endings.map((type) => `${figures.endings.get(type) ?? 0} ${type}`).join(', ');
  const feeds =
    figures.faults.length === 0 ? 'every one 1..n, no gap, no repeat' : `${figures.faults.length} faults`;
  const latencies = [50, 99].map((share) => `${percentile(figures.latenciesMs, share)} ms p${share}`);
  print('');
  print(label('orders', `${figures.accepted} accepted: ${ended}, ${figures.open} still open`));
  if (figures.tooLate > 0) print(label('', `${figures.tooLate} refused: they had expired before they came`));
  print(label('entries', `${figures.entries} delivered, ${figures.retries} of them retries`));
  print(label('feeds', feeds));
  verdict.lines.forEach(print);
  print(label('POST to confirmed', latencies.join(', ')));
  for (const fault of [...figures.faults, ...verdict.faults].slice(0, FAULTS_SHOWN)) print(`  ${fault}`);
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];
  return value === undefined ? '-' : value.toFixed(0);
}
