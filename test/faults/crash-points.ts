import { CRASH_POINTS } from '../../src/crash-points.ts';

const EFFECTS = ['quote', 'selectRoute', 'assemble', 'sign', 'broadcast', 'mine', 'confirm', 'cancel'];

/** The simulated submitter takes these steps in one. */
const ON_A_CHAIN: readonly string[] = ['submitter.allocated', 'submitter.armed', 'submitter.receipt'];

/** One `CRASH_AT` for each named point, at a random early passage. */
export function everyCrashPoint(random: () => number): readonly string[] {
  const points = [
    ...CRASH_POINTS.filter((point) => !ON_A_CHAIN.includes(point)),
    ...EFFECTS.flatMap((name) => [`effect.${name}.begun`, `effect.${name}.ended`]),
  ];
  return points.map((point) => `${point}#${1 + Math.floor(random() * (RARE.test(point) ? 1 : 20))}`);
}

/** Points that few orders pass. */
const RARE = /cancel|parked/;

/** The points that a worker passes. */
export function workersCrashPoints(random: () => number): readonly string[] {
  return everyCrashPoint(random).filter((point) => !point.startsWith('submission.'));
}
