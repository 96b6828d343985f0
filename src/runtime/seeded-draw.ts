import { hash } from 'node:crypto';

/**
 * A draw from [0, 1) that is a pure function of the seed and of what it is for: an effect that is repeated after a crash
 * meets the same luck as before.
 */
export function seededDraw(seed: string, ...drawnFor: readonly (string | number)[]): number {
  const hex = hash('sha256', [seed, ...drawnFor].join('\u0000'), 'hex');
  return Number.parseInt(hex.slice(0, 12), 16) / 2 ** 48;
}
