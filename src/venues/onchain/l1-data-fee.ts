/**
 * What rollups of the OP stack charge for publishing a transaction on the chain below, beside its gas.
 * https://docs.optimism.io/op-stack/transactions/fees
 */
import { parseAbi, serializeTransaction, type Address } from 'viem';
import type { DataFee } from './gas-pricing.ts';
import type { VenueClient } from './venue-client.ts';

const ORACLE = parseAbi(['function getL1Fee(bytes transaction) view returns (uint256)']);

/** Fees and nonce of the transaction that is priced: of the length that real ones have. */
const PLACEHOLDERS = {
  nonce: 0xffff,
  gas: 0xff_ffffn,
  maxFeePerGas: 0xffff_ffffn,
  maxPriorityFeePerGas: 0xffff_ffffn,
} as const;

export function l1DataFee(client: VenueClient, oracle: Address): DataFee {
  return ({ to, data }) => {
    const transaction = { type: 'eip1559', chainId: client.chain.id, to, data, ...PLACEHOLDERS } as const;
    return client.readContract({
      address: oracle,
      abi: ORACLE,
      functionName: 'getL1Fee',
      args: [serializeTransaction(transaction)],
    });
  };
}
