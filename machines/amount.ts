/**
 * Amounts: `bigint` base units inside, decimal strings outside, never a float.
 * No other module parses or prints amounts.
 */

/** The largest amount that an EVM word holds. */
export const MAX_AMOUNT = 2n ** 256n - 1n;

const BASIS_POINTS = 10_000n;

/**
 * Parses base units from a decimal string.
 * @throws RangeError unless the text is a whole number from 0 to 2^256-1, without a sign, spaces or leading zeros
 */
export function parseAmount(text: string): bigint {
  const amount = /^(0|[1-9][0-9]{0,77})$/.test(text) ? BigInt(text) : -1n;
  if (amount < 0n || amount > MAX_AMOUNT) {
    throw new RangeError(
      `"${text.slice(0, 90)}" is not an amount: expected a whole number of base units, 0 to 2^256-1`,
    );
  }
  return amount;
}

/** Base units as the decimal string that goes on the wire. */
export function printAmount(amount: bigint): string {
  return amount.toString(10);
}

/**
 * Base units of an amount in whole tokens: `1.5` with 6 decimals is 1500000n. Exact.
 * @throws RangeError unless it is a plain decimal number, with at most `decimals` places, from 0 to 2^256-1 base units
 */
export function parseTokens(text: string, decimals: number): bigint {
  const [, whole = '', fraction = ''] = /^([0-9]{1,78})(?:\.([0-9]+))?$/.exec(text) ?? [];
  const places = fraction.replace(/0+$/, '');
  if (whole === '' || places.length > decimals) {
    throw new RangeError(
      `"${text.slice(0, 90)}" is not an amount of a token with ${decimals} decimals: expected a number such as 1.5, with at most ${decimals} places`,
    );
  }
  return parseAmount(BigInt(whole + places.padEnd(decimals, '0')).toString(10));
}

/** In whole tokens, exact: `parseTokens` gives the same amount back. */
export function printTokens(amount: bigint, decimals: number): string {
  const digits = amount.toString(10).padStart(decimals + 1, '0');
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** `amount` reduced by `basisPoints` (1/100 of a percent), rounded down. */
export function lessBasisPoints(amount: bigint, basisPoints: number): bigint {
  return (amount * (BASIS_POINTS - BigInt(basisPoints))) / BASIS_POINTS;
}

const DIGITS_SHOWN = 6;

/**
 * In whole tokens, for people only. It shows six decimal places; of an amount below one token, six digits after the leading
 * zeros. The rest is cut off.
 */
export function printWholeTokens(amount: bigint, decimals: number): string {
  const digits = amount.toString(10).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  const leadingZeros = whole === '0' ? (/^0*/.exec(fraction)?.[0].length ?? 0) : 0;
  const shown = fraction.slice(0, leadingZeros + DIGITS_SHOWN).replace(/0+$/, '');
  return shown === '' ? whole : `${whole}.${shown}`;
}
