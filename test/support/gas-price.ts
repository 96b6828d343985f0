import { openChainNode } from '../../src/chain/evm/node/chain-node.ts';
import { expectedGasPrice } from '../../src/chain/evm/node/fees.ts';

const LIMITS = { maxFeePerGas: 500_000_000_000n, maxPriorityFeePerGas: 30_000_000_000n };

/** As the composition root gives it to the venues of this node. */
export function gasPriceOf(rpcUrl: string): () => Promise<bigint> {
  const node = openChainNode(rpcUrl);
  return async () => expectedGasPrice(await node.feeMarket(), LIMITS);
}
