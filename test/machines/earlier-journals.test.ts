import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openOrder, machineRegistry, type StoredState } from '../../machines/registry.ts';
import { replay, type ReplayedEntry } from '../../machines/replay.ts';

interface StoredJournal {
  readonly title: string;
  readonly entries: readonly ReplayedEntry[];
  /** As release 0.2.0 stored it with the last entry. */
  readonly stored: StoredState;
}

const JOURNALS = JSON.parse(
  readFileSync(new URL('journals-of-0.2.json', import.meta.url), 'utf8'),
) as readonly StoredJournal[];

test.each(JOURNALS)(
  'the journal of an order of 0.2 that $title replays to what was stored',
  ({ entries, stored }) => {
    expect(replay(machineRegistry, entries)).toEqual(stored);
  },
);

test('an order of 0.2 that waits in a backoff opens, and takes a retry', () => {
  const waiting = JOURNALS.find(({ stored }) => JSON.stringify(stored.value).includes('backoff'));
  if (waiting === undefined) throw new Error('there is no such journal');
  const opened = openOrder(machineRegistry, waiting.stored);
  if (opened.kind !== 'open') throw new Error(`the order does not open: ${opened.kind}`);
  const { retryAt } = opened.snapshot.context.backoff;
  expect(opened.snapshot.can({ type: 'RETRY_NOW', commandId: 'r', retryAt: retryAt ?? 0 })).toBe(true);
});
