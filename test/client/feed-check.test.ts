import { expect, test } from '@jest/globals';
import { FeedCheck } from '../../src/client/feed-check.ts';

function check(entries: readonly (readonly [orderId: string, seq: number, type?: 'confirmed'])[]): FeedCheck {
  const feed = new FeedCheck();
  for (const [orderId, seq, type = 'routing'] of entries) feed.add({ orderId, seq, type });
  return feed;
}

test('a feed of 1..n for each order has no faults', () => {
  const feed = check([
    ['a', 1],
    ['b', 1],
    ['a', 2],
    ['a', 3, 'confirmed'],
  ]);
  expect(feed.faults).toEqual([]);
  expect(feed.entries).toBe(4);
  expect([feed.hasEnded('a'), feed.endedAs('a'), feed.hasEnded('b')]).toEqual([true, 'confirmed', false]);
  expect(feed.endings()).toEqual(new Map([['confirmed', 1]]));
});

test.each([
  ['gap', [1, 3], ['order a: received seq 3, expected 2']],
  ['repeat', [1, 2, 2], ['order a: received seq 2, expected 3']],
  ['late start', [2], ['order a: received seq 2, expected 1']],
])('a %s is a fault', (_, seqs, faults) => {
  expect(check(seqs.map((seq) => ['a', seq] as const)).faults).toEqual(faults);
});
