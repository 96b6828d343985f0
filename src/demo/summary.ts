import type { JournaledMessage } from '../protocol/messages.ts';

export interface DemoFigures {
  readonly accepted: number;
  /** Accepted and not ended. */
  readonly open: number;
  readonly endings: ReadonlyMap<JournaledMessage['type'], number>;
  readonly entries: number;
  readonly retries: number;
  /** From POST to `confirmed` at the client. */
  readonly latenciesMs: readonly number[];
  /** Orders that the submitter's own record shows as executed more than once. */
  readonly executedTwice: number;
  /** Gaps, repeats, disorder, and requests that failed. */
  readonly faults: readonly string[];
}

const FAULTS_SHOWN = 10;

export function printSummary(figures: DemoFigures, print: (line: string) => void): void {
  const endings = ['confirmed', 'failed', 'cancelled'] as const;
  const ended = endings.map((type) => `${figures.endings.get(type) ?? 0} ${type}`).join(', ');
  print('');
  print(`orders           ${figures.accepted} accepted: ${ended}, ${figures.open} still open`);
  print(`entries          ${figures.entries} delivered, ${figures.retries} of them retries`);
  print(
    `feeds            ${figures.faults.length === 0 ? 'every one 1..n, no gap, no repeat' : `${figures.faults.length} faults`}`,
  );
  print(`executed twice   ${figures.executedTwice}, by the submitter's own record`);
  print(
    `POST to confirmed ${percentile(figures.latenciesMs, 50)} ms p50, ${percentile(figures.latenciesMs, 99)} ms p99`,
  );
  for (const fault of figures.faults.slice(0, FAULTS_SHOWN)) print(`  ${fault}`);
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];
  return value === undefined ? '-' : value.toFixed(0);
}
