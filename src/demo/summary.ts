import type { JournaledMessage } from '../protocol/messages.ts';
import type { AuditResult } from './audit.ts';

export interface DemoFigures {
  readonly accepted: number;
  /** Refused, because their `validTo` had passed when they arrived. */
  readonly tooLate: number;
  /** Accepted, and not ended yet. */
  readonly open: number;
  readonly endings: ReadonlyMap<JournaledMessage['type'], number>;
  readonly entries: number;
  readonly retries: number;
  /** From POST to the arrival of `confirmed`. */
  readonly latenciesMs: readonly number[];
  /** Gaps, repeats, entries out of order, and failed requests. */
  readonly faults: readonly string[];
}

const FAULTS_SHOWN = 10;
const LABEL_WIDTH = 18;

export function printSummary(figures: DemoFigures, audit: AuditResult, print: (line: string) => void): void {
  const endings = ['confirmed', 'failed', 'cancelled'] as const;
  const ended = endings.map((type) => `${figures.endings.get(type) ?? 0} ${type}`).join(', ');
  const feeds =
    figures.faults.length === 0 ? 'every one 1..n, no gap, no repeat' : `${figures.faults.length} faults`;
  const latencies = [50, 99].map((share) => `${percentile(figures.latenciesMs, share)} ms p${share}`);
  const row = (label: string, text: string): void => print(`${label.padEnd(LABEL_WIDTH)}${text}`);
  print('');
  row('orders', `${figures.accepted} accepted: ${ended}, ${figures.open} still open`);
  if (figures.tooLate > 0) row('', `${figures.tooLate} refused: they had expired before they came`);
  row('entries', `${figures.entries} delivered, ${figures.retries} of them retries`);
  row('feeds', feeds);
  for (const [label, text] of audit.rows) row(label, text);
  row('POST to confirmed', latencies.join(', '));
  for (const fault of [...figures.faults, ...audit.faults].slice(0, FAULTS_SHOWN)) print(`  ${fault}`);
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];
  return value === undefined ? '-' : value.toFixed(0);
}
