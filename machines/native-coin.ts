/**
 * The address by which orders may name the chain's own coin, beside its symbol: https://eips.ethereum.org/EIPS/eip-7528. It has no
 * contract.
 */
export const NATIVE_COIN = '0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE';

/** @param token an address or a symbol */
export function isNativeCoin(token: string): boolean {
  return token.toLowerCase() === NATIVE_COIN.toLowerCase();
}
