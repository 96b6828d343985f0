/**
 * The calldata of a simulated swap: a selector and three words. The simulated chain reads the same layout: the
 * call is the only thing that the two share.
 */

/** The first four bytes of the call; the rest is 32-byte words: sellAmount, minBuyAmount, quotedBuyAmount. */
export const SIMULATED_SWAP_SELECTOR = '0x5357a901';

export function encodeSimulatedSwap(
  sellAmount: bigint,
  minBuyAmount: bigint,
  quotedBuyAmount: bigint,
): string {
  return SIMULATED_SWAP_SELECTOR + [sellAmount, minBuyAmount, quotedBuyAmount].map(word).join('');
}

function word(amount: bigint): string {
  return amount.toString(16).padStart(64, '0');
}
