/** Reads the values of options. All throw OperatorError, which names the option and what was expected. */
import { parseTokens } from '../../machines/amount.ts';
import { OperatorError } from '../operator-error.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90s`, `10m`, `2h`, `1d`. */
export function readSeconds(option: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const entry = Object.entries(SECONDS).find(([name]) => name === unit);
  if (entry === undefined)
    throw new OperatorError(`${option} ${text}: expected a time such as 90s, 10m, 2h or 1d`);
  return Number(digits) * entry[1];
}

/** `0.5` is 50. */
export function readBasisPoints(option: string, percent: string): number {
  try {
    return Number(parseTokens(percent.replace(/%$/, ''), 2));
  } catch {
    throw new OperatorError(
      `${option} ${percent}: expected a percentage such as 0.5, with at most two places`,
    );
  }
}

export function readWhole(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OperatorError(`${option} ${text}: expected a whole number, ${least} to ${most}`);
}

/** One of the listed words, several separated by commas. */
export function readWords<Word extends string>(option: string, text: string, words: readonly Word[]): Word[] {
  return text.split(',').map((part) => {
    const word = words.find((each) => each === part.trim());
    if (word === undefined)
      throw new OperatorError(`${option} ${text}: expected some of ${words.join(', ')}`);
    return word;
  });
}
