import type { Address } from 'viem';
import { L1_FEE_ORACLE, pricedTransaction } from '../../abis/l1-fee-oracle.ts';
import type { DataFee } from './gas-pricing.ts';
import type { VenueClient } from './venue-client.ts';

export function l1DataFee(client: VenueClient, oracle: Address): DataFee {
  return (call) =>
    client.readContract({
      address: oracle,
      abi: L1_FEE_ORACLE,
      functionName: 'getL1Fee',
      args: [pricedTransaction(client.chain.id, call)],
    });
}
