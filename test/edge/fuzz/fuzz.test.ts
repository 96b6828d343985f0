/** The fuzzer in its short form: `npm run fuzz` draws a million inputs. */
import { expect, test } from '@jest/globals';
import { seededRandom } from '../../support/seeded-random.ts';
import { fuzz } from './fuzz.ts';

const INPUTS = 2_000;

test(`${INPUTS} drawn inputs at all doors are answered without 5xx, and the server logs no defect`, async () => {
  const seed = Math.floor(seededRandom('fuzz')() * 2 ** 31);
  const { inputs, faults, outcomes } = await fuzz({ inputs: INPUTS, seed });
  expect(faults).toEqual([]);
  expect(inputs).toBe(INPUTS);
  // What is drawn reaches the use cases behind each door.
  for (const expected of ['REST 200', 'REST 201', 'WebSocket 1005', 'Socket.IO ok'])
    expect(Object.keys(outcomes)).toContain(expected);
}, 120_000);
