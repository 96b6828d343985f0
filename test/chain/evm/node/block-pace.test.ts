import { expect, test } from '@jest/globals';
import { BlockPace } from '../../../../src/chain/evm/node/block-pace.ts';

/** Looks at a chain whose blocks come at these moments, whenever a look is due. Counts the looks, and how late each block was seen. */
function follow(pace: BlockPace, blocksAt: readonly number[], until: number) {
  let now = 0;
  let seen = -1;
  let looks = 0;
  const lateness: number[] = [];
  while (now <= until) {
    looks += 1;
    const made = blocksAt.filter((at) => at <= now).length - 1;
    if (made > seen) {
      lateness.push(now - (blocksAt[made] ?? 0));
      pace.moved(now, seen < 0 ? 0 : made - seen);
      seen = made;
    } else pace.stayed(now);
    now += Math.max(1, pace.dueIn(now));
  }
  return { looks, lateness };
}

function every(intervalMs: number, count: number, jitter: (block: number) => number = () => 0): number[] {
  return Array.from({ length: count }, (_, block) => block * intervalMs + jitter(block));
}

test('on a chain of twelve-second blocks a block costs at most two looks and a half, and is seen within 1.3 s', () => {
  const pace = new BlockPace(250);
  pace.begin(12_000);
  const { looks, lateness } = follow(
    pace,
    every(12_000, 101, (block) => (block * 7_919) % 900),
    1_200_000,
  );
  expect(looks / 100).toBeLessThanOrEqual(2.5);
  expect(Math.max(...lateness.slice(3))).toBeLessThanOrEqual(1_300);
});

test('on a chain of half-second blocks a block costs at most two looks', () => {
  const { looks, lateness } = follow(new BlockPace(250), every(500, 101), 50_000);
  expect(looks / 100).toBeLessThanOrEqual(2);
  expect(Math.max(...lateness)).toBeLessThanOrEqual(250);
});

test('the pace is learnt from blocks where nothing said it before, and is not asked for every poll interval meanwhile', () => {
  const pace = new BlockPace(250);
  const { looks } = follow(pace, every(12_000, 21), 240_000);
  expect(pace.intervalMs).toBeGreaterThan(11_000);
  expect(pace.intervalMs).toBeLessThan(13_000);
  expect(looks / 20).toBeLessThanOrEqual(4);
});

test('a chain that stands still is asked at growing pauses, of five seconds at most', () => {
  const pace = new BlockPace(250);
  follow(pace, every(500, 20), 9_600);
  for (let now = 9_600, looks = 0; looks < 40; looks += 1) {
    pace.stayed(now);
    expect(pace.dueIn(now)).toBeLessThanOrEqual(5_000);
    if (looks > 20) expect(pace.dueIn(now)).toBe(5_000);
    now += pace.dueIn(now);
  }
});

test('an idle time teaches no pace', () => {
  const pace = new BlockPace(250);
  follow(pace, every(500, 20), 9_600);
  const learnt = pace.intervalMs;
  pace.moved(3_600_000, 1);
  expect(pace.intervalMs).toBe(learnt);
});

test('with a poll interval of 0 a look is always due', () => {
  const pace = new BlockPace(0);
  pace.moved(1, 1);
  expect(pace.dueIn(1)).toBe(0);
  pace.stayed(2);
  expect(pace.dueIn(2)).toBe(0);
});

test('where blocks are told of, each costs one look, until one was not told of', () => {
  const pace = new BlockPace(250);
  pace.begin(12_000);
  pace.moved(0, 0);
  for (let now = 12_000; now <= 60_000; now += 12_000) {
    pace.told(now);
    expect(pace.dueIn(now)).toBe(0);
    pace.moved(now, 1);
    expect(pace.dueIn(now)).toBe(30_000);
  }
  // Told of, and the node that was asked does not have it yet: it is asked again soon.
  pace.told(72_000);
  pace.stayed(72_000);
  expect(pace.dueIn(72_000)).toBeLessThanOrEqual(1_200);
  pace.moved(72_500, 1);
  // A look that nothing told of finds a block.
  pace.moved(102_500, 2);
  expect(pace.dueIn(102_500)).toBeLessThanOrEqual(12_000);
});

test('a connection that is lost has blocks looked for at once', () => {
  const pace = new BlockPace(250);
  pace.begin(12_000);
  pace.told(0);
  pace.moved(0, 0);
  pace.untold(1_000);
  expect(pace.dueIn(1_000)).toBe(250);
});
