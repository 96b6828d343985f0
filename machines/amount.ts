/**
 * Money: `bigint` base units inside, decimal strings outside, never a float.
 * The only module that parses or prints an amount.
 */

/** The largest amount an EVM word holds; a larger one cannot be swapped. */
export const MAX_AMOUNT = 2n ** 256n - 1n;

const BASIS_POINTS = 10_000n;

/**
 * Base units from their decimal string.
 * @throws RangeError when the text is no whole number from 0 to 2^256-1 without sign, space or leading zero.
 */
export function parseAmount(text: string): bigint {
  const amount = /^(0|[1-9][0-9]{0,77})$/.test(text) ? BigInt(text) : -1n;
  if (amount < 0n || amount > MAX_AMOUNT) {
    throw new RangeError(
      `"${text.slice(0, 90)}" is no amount: expected a whole number of base units, 0 to 2^256-1`,
    );
  }
  return amount;
}

/** Base units as the decimal string that goes on the wire. */
export function printAmount(amount: bigint): string {
  return amount.toString(10);
}

/** What is left of `amount` after losing `basisPoints` (1/100 of a percent) of it, rounded down. */
export function lessBasisPoints(amount: bigint, basisPoints: number): bigint {
  return (amount * (BASIS_POINTS - BigInt(basisPoints))) / BASIS_POINTS;
}

const DIGITS_SHOWN = 6;

/**
 * In whole tokens, for people alone: cut off after six digits behind the point, of a small amount after six that are not
 * leading zeros.
 */
export function printWholeTokens(amount: bigint, decimals: number): string {
  const digits = amount.toString(10).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  const leadingZeros = whole === '0' ? (/^0*/.exec(fraction)?.[0].length ?? 0) : 0;
  const shown = fraction.slice(0, leadingZeros + DIGITS_SHOWN).replace(/0+$/, '');
  return shown === '' ? whole : `${whole}.${shown}`;
}
