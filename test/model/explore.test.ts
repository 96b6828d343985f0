import { describe, expect, test } from '@jest/globals';
import { explore, STUCK, type Model } from './explore.ts';

/** Counts to 5, one or two at a time. */
const counter: Model<number> = {
  initial: 0,
  steps: (at) => [1, 2].filter((by) => at + by <= 5).map((by) => ({ name: `add ${by}`, next: at + by })),
  key: String,
  wrong: () => null,
  isGood: (at) => at === 5,
};

describe('the explorer', () => {
  test('meets every state once', () => {
    expect(explore(counter)).toEqual({ states: 6, taken: new Set(['add 1', 'add 2']), violation: null });
  });

  test('gives a shortest way to a state that is wrong', () => {
    const { violation } = explore({ ...counter, wrong: (at) => (at === 3 ? 'three' : null) });
    expect(violation).toEqual({ kind: 'three', trace: ['add 1', 'add 2'] });
  });

  test('gives the way to a state from which no good one can be reached', () => {
    const { violation } = explore({ ...counter, isGood: (at) => at === 4 });
    expect(violation).toEqual({ kind: STUCK, trace: ['add 1', 'add 2', 'add 2'] });
  });

  test('refuses a model that is larger than was said', () => {
    expect(() => explore(counter, 3)).toThrow('more than 3 states');
  });
});
