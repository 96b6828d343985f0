import { expect, test } from '@jest/globals';
import { lonePoints } from '../../page/system/draw-plot.ts';

test('a value between two gaps is drawn as a point, and no other', () => {
  const lone = (...values: (number | null)[]) => lonePoints({ data: [values.map((_, at) => at), values] }, 1);
  expect(lone(1, null, 2, 3, null, 4, null, null, 5)).toEqual([0, 5, 8]);
  expect(lone(0)).toEqual([0]);
  expect(lone(null, 1, 2)).toEqual([]);
  expect(lone()).toEqual([]);
});
