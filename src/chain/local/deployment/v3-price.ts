/** How Uniswap V3 writes prices and ranges (whitepaper, 6.1). Only for placing liquidity: orders' amounts are never floats. */
import type { Address } from 'viem';

const LOWEST_TICK = -887_272;

export function sortedByAddress<One extends { readonly address: Address }>(one: One, other: One): [One, One] {
  return BigInt(one.address) < BigInt(other.address) ? [one, other] : [other, one];
}

/** The square root of the price (token1 for one token0, in base units) in 64.96 fixed point. */
export function sqrtPriceX96(amount0: bigint, amount1: bigint): bigint {
  return squareRoot((amount1 << 192n) / amount0);
}

/** Ticks on the pool's grid, `rangeTicks` to both sides of the price, or all ticks. */
export function tickRange(
  price: bigint,
  spacing: number,
  rangeTicks: number | null,
): { readonly tickLower: number; readonly tickUpper: number } {
  if (rangeTicks === null) {
    const lowest = Math.ceil(LOWEST_TICK / spacing) * spacing;
    return { tickLower: lowest, tickUpper: -lowest };
  }
  const tick = Math.log((Number(price) / 2 ** 96) ** 2) / Math.log(1.0001);
  const onGrid = (ticks: number): number => Math.round(ticks / spacing) * spacing;
  return { tickLower: onGrid(tick - rangeTicks), tickUpper: onGrid(tick + rangeTicks) };
}

/** Rounded down, by Newton's method. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
