/** The orders of a fault run: all pairs of the local market, and some orders that cannot be filled, expire or are sensitive. */
import { pad, numberToHex } from 'viem';
import type { OrderRequest } from '../../../src/client/orders.ts';

interface Pair {
  readonly sellToken: string;
  readonly buyToken: string;
  /** Base units. Too little to move a price much. */
  readonly sellAmount: bigint;
}

const PAIRS: readonly Pair[] = [
  { sellToken: 'WETH', buyToken: 'USDC', sellAmount: 10n ** 16n },
  { sellToken: 'USDC', buyToken: 'WETH', sellAmount: 30n * 10n ** 6n },
  { sellToken: 'WETH', buyToken: 'DAI', sellAmount: 10n ** 16n },
  { sellToken: 'DAI', buyToken: 'WETH', sellAmount: 30n * 10n ** 18n },
  { sellToken: 'WETH', buyToken: 'WBTC', sellAmount: 10n ** 16n },
  { sellToken: 'USDC', buyToken: 'DAI', sellAmount: 30n * 10n ** 6n },
];

/** Where the run has a token that behaves in other ways. */
const ODD_PAIRS: readonly Pair[] = [
  { sellToken: 'WETH', buyToken: 'ODD', sellAmount: 10n ** 16n },
  { sellToken: 'ODD', buyToken: 'WETH', sellAmount: 30n * 10n ** 18n },
];

const MUCH = 10n ** 30n;
const SOON_S = 8;

export function orderMix(random: () => number, hasOddToken = false): (index: number) => OrderRequest {
  const pairs = hasOddToken ? [...PAIRS, ...ODD_PAIRS] : PAIRS;
  return (index) => {
    const { sellToken, buyToken, sellAmount } = pairs[Math.floor(random() * pairs.length)] ?? NONE;
    const draw = random();
    return {
      sellToken,
      buyToken,
      // Each order has its own amount, so that no two swaps are equal.
      sellAmount: String(sellAmount + BigInt(index)),
      clientOrderId: `n${index}`,
      ...(random() < 0.2 ? { recipient: recipientOf(index) } : {}),
      ...(draw < 0.15 ? { slippageBps: 0 } : {}),
      ...(draw >= 0.15 && draw < 0.2 ? { minBuyAmount: String(MUCH) } : {}),
      ...(draw >= 0.2 && draw < 0.3 ? { validTo: Math.floor(Date.now() / 1000) + SOON_S } : {}),
    };
  };
}

const NONE: Pair = { sellToken: '', buyToken: '', sellAmount: 0n };

/** An account without a known key. */
function recipientOf(index: number): string {
  return pad(numberToHex(0xfeed_0000 + index), { size: 20 });
}
