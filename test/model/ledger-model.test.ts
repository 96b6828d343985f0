import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isLong } from '../faults/form.ts';
import { explore, STUCK } from './explore.ts';
import { ledgerModel } from './ledger-model.ts';
import type { Mistake, Rules } from './ledger-rules.ts';

const REORGS = { reorgs: true };
const EXPIRY = { expiry: true };
const TWO_VIEWS = { reorgs: true, twoViews: true };

type Size = [states: number, size: string, rules: Partial<Rules>];

/** A minute together. A change of the protocol or of the submitter should run them: `FAULTS=long npm test -- test/model`. */
const IN_THE_LONG_FORM: Size[] = isLong
  ? [
      [51_898, 'two epochs, fee raises, reorganisations', { feeRaises: true, reorgs: true }],
      [
        78_291,
        'two epochs, a resender that voids reservations which are wanted',
        { impatientResender: true },
      ],
      [
        80_395,
        'two epochs, a window of one reservation, and a node that stays on a branch that lost',
        { window: 1, ...TWO_VIEWS },
      ],
    ]
  : [];

/** The protocol as it is, in several sizes. A count that changes shows that the model changed: find out why. */
const WHOLE: Size[] = [
  [11_331, 'two epochs, fee raises, a window of one reservation', { feeRaises: true, window: 1 }],
  [12_443, 'one epoch, and a node that stays on a branch that lost', { epochs: 1, ...TWO_VIEWS }],
  [11_244, 'one epoch, fee raises, and a validTo that passes', { epochs: 1, feeRaises: true, ...EXPIRY }],
  ...IN_THE_LONG_FORM,
  [22_805, 'one epoch, nothing simplified', { epochs: 1, feeRaises: true, reorgs: true, simplified: false }],
];

type Wrong = [mistake: Mistake, harm: string, rules: Partial<Rules>];

/** Only in the long form, too: it takes as long as all others together. */
const LONG_MISTAKES: Wrong[] = [['epoch not committed first', STUCK, { simplified: true }]];

/** One thing done wrong, and what comes of it. */
const MISTAKES: Wrong[] = [
  ...(isLong ? LONG_MISTAKES : []),
  ['a reservation for every request', STUCK, { simplified: true }],
  ['no arming', 'cancelled but executed', {}],
  ['armed before submitted', 'cancelled but executed', {}],
  ['armed by epoch alone', 'executed twice', {}],
  ['named after sending', STUCK, {}],
  ['no resender', STUCK, {}],
  ['filled only once', STUCK, {}],
  ['void reservation sends all', 'cancelled but executed', {}],
  ['retired without outcome', STUCK, {}],
  ['retired before used', STUCK, {}],
  ['swap sent first after validTo', 'sent first after validTo', EXPIRY],
  ['deadline fails at once', 'failed but executed', {}],
  ['void taken for an answer', 'failed but executed', { impatientResender: true }],
  ['hashes not read again', 'failed but executed', {}],
  ['finality not awaited', 'confirmed but not executed', REORGS],
  ['revert not awaited', 'failed but executed', REORGS],
  ['receipt and head from two views', 'confirmed but not executed', TWO_VIEWS],
  ['commits blindly', 'cancelled but executed', {}],
];

/** All that can happen. The workers are alike. */
const STEPS = [
  'chain forgets',
  'chain makes a block final',
  'chain mines',
  'chain mines, and the swap reverts',
  'chain passes validTo',
  'chain takes a block back',
  'chain takes a block back, and one node stays on it',
  'resender crashes',
  'resender decides to make a reservation void',
  'resender finds the reservation no longer reserved',
  'resender makes the reservation void',
  'resender records the outcome of the front nonce',
  'resender retires the front reservation',
  'resender sends from armed reservations',
  'resender sends from cancelling reservations',
  'resender sends from void reservations',
  'worker arms its reservation',
  'worker begins a new epoch',
  'worker commits confirmed',
  'worker commits submitted',
  'worker contests its nonce',
  'worker crashes',
  'worker decides to end as cancelled',
  'worker decides to end as failed',
  'worker ends as it said',
  'worker finds its nonce contested',
  'worker finds its reservation',
  'worker finds its reservation armed',
  'worker finds its reservation armed by another',
  'worker finds its reservation no longer reserved',
  'worker finds its reservation retired and reads its outcome',
  'worker finds its reservation void',
  'worker finds the window full',
  'worker gives up as cancelled',
  'worker gives up as failed',
  'worker has nothing to contest',
  'worker loses a compare-and-set on the order',
  'worker may not name another swap',
  'worker names another swap',
  'worker names its swap in the reservation',
  'worker re-routes',
  'worker reads the order',
  'worker records how its nonce was used',
  'worker saves a cancel',
  'worker saves a swap',
  'worker saves another swap',
  'worker sees its nonce used and reads the hashes',
  'worker sends',
  'worker takes a reservation',
];

/** Each exploration is one long computation; Jest starts the next one within the same turn of the event loop. */
afterEach(() => nextTurn());

describe("the signer's ledger (FAULTS=long: in three more sizes, with one more mistake, and one with two epochs)", () => {
  test.each(WHOLE)(
    'executes at most once, never what ended otherwise, and never stays stuck: %i states (%s)',
    (count, _size, rules) => {
      const { violation, states } = explore(ledgerModel(rules));
      expect(violation).toBeNull();
      expect(states / count).toBeCloseTo(1, 1);
    },
  );

  test('takes every step that the model knows', () => {
    const small = { epochs: 1, window: 1 };
    const taken = [
      { window: 1, feeRaises: true, reorgs: true },
      { ...small, reorgs: true, twoViews: true },
      { ...small, impatientResender: true },
      { ...small, simplified: false },
      { ...small, ...EXPIRY },
    ].flatMap((rules) => [...explore(ledgerModel(rules)).taken]);
    const steps = taken.map((step) => step.replace(/^[ST] /, 'worker '));
    expect([...new Set(steps)].sort()).toEqual(STEPS);
  });

  test.each(MISTAKES)('done wrong like this: %s, leaves an order %s', (mistake, harm, rules) => {
    const model = ledgerModel({ epochs: 1, simplified: false, ...rules, mistake });
    expect(explore(model).violation?.kind).toBe(harm);
  });

  // With two epochs in the long form.
  test.each([...(isLong ? [['executed twice', 2] as const] : []), ['cancelled but executed', 1] as const])(
    'an order is %s where a receipt of a branch that lost is believed beside a head of the chain',
    (harm, epochs) => {
      const model = ledgerModel({
        window: 1,
        epochs,
        mistake: 'receipt and head from two views',
        ...TWO_VIEWS,
        simplified: false,
      });
      const only = (kind: string | null) => (kind === harm ? kind : null);
      const { violation } = explore({ ...model, wrong: (state) => only(model.wrong(state)) });
      expect(violation?.kind).toBe(harm);
      expect(violation?.trace).toContain('chain takes a block back, and one node stays on it');
    },
  );

  test('executes twice where a new epoch does not wait until the revert is final', () => {
    const model = ledgerModel({ mistake: 'revert not awaited', reorgs: true });
    const twice = (kind: string | null) => (kind === 'executed twice' ? kind : null);
    const { violation } = explore({ ...model, wrong: (state) => twice(model.wrong(state)) });
    expect(violation?.kind).toBe('executed twice');
    expect(violation?.trace).toContain('chain takes a block back');
  });
});
