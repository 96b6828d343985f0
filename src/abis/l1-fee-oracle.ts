/**
 * What rollups of the OP stack charge for publishing a transaction on the chain below, beside its gas.
 * https://docs.optimism.io/op-stack/transactions/fees
 */
import { parseAbi, serializeTransaction, type Address, type Hex } from 'viem';

export const L1_FEE_ORACLE = parseAbi(['function getL1Fee(bytes transaction) view returns (uint256)']);

/** Fees and nonce of the transaction that is priced: of the length that real ones have. */
const PLACEHOLDERS = {
  nonce: 0xffff,
  gas: 0xff_ffffn,
  maxFeePerGas: 0xffff_ffffn,
  maxPriorityFeePerGas: 0xffff_ffffn,
} as const;

/** The transaction of a call, as the oracle prices it. */
export function pricedTransaction(
  chainId: number,
  { to, data }: { readonly to: Address; readonly data: Hex },
): Hex {
  return serializeTransaction({ type: 'eip1559', chainId, to, data, ...PLACEHOLDERS });
}
