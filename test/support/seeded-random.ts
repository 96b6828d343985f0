/**
 * Draws that a failed run can repeat.
 *
 * A test that draws what steers its course takes its draws from `seededRandom('what for')`, once for each purpose, so that one
 * purpose does not shift the draws of another. All draws of a run follow from one seed: `TEST_SEED`, or a fresh one each run
 * (seed-reporter.js). When a test fails, the reporter prints the command that repeats its draws. Run the whole file then: `-t`
 * leaves out the draws of other tests. Draws repeat; the timing of processes and sockets does not.
 *
 * A child process inherits `TEST_SEED`. Two children that draw for one purpose draw the same, unless the purpose names them.
 */
import { hash, randomInt } from 'node:crypto';

/** A draw from [0, 1). */
export type SeededRandom = () => number;

/** The seed of this run. A process that was started without one draws its own, and prints it with the first draw. */
let runSeed: string | undefined = process.env['TEST_SEED'];

/** @param purpose names what is drawn: equal seeds and purposes give equal draws */
export function seededRandom(purpose: string): SeededRandom {
  if (runSeed === undefined) {
    runSeed = String(randomInt(2 ** 32));
    process.stderr.write(`TEST_SEED=${runSeed} repeats the draws of this process\n`);
  }
  return mulberry(Number.parseInt(hash('sha256', `${runSeed}\u0000${purpose}`, 'hex').slice(0, 8), 16));
}

/** Hexadecimal digits, two for each byte. */
export function drawHex(random: SeededRandom, bytes: number): string {
  return Array.from({ length: bytes }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}

/** An id of the form of an order's: 32 letters and digits in base 32. */
export function drawOrderId(random: SeededRandom): string {
  return Array.from({ length: 32 }, () =>
    'abcdefghijklmnopqrstuvwxyz234567'.charAt(Math.floor(random() * 32)),
  ).join('');
}

/** The mulberry32 generator (public domain), for a seed that the caller has. */
export function mulberry(seed: number): SeededRandom {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
