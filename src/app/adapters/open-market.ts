/** Opens the venues of a chain, and the node that prices their gas. Both only read; an idle process sends no request. */
import type { Address } from 'viem';
import { openChainNode, type ChainNode } from '../../chain/evm/node/chain-node.ts';
import { expectedGasPrice, type FeeLimits } from '../../chain/evm/node/fees.ts';
import { OperatorError } from '../../operator-error.ts';
import { RpcEndpoints, splitRpcUrls } from '../../rpc/endpoints.ts';
import type { NewHeads } from '../../rpc/new-heads.ts';
import { systemClock } from '../../runtime/time.ts';
import { contractsOf, nativeCoinOf, type Market } from '../../settings/chain-file.ts';
import type { Config } from '../../settings/config.ts';
import type { OnchainVenue } from '../../venues/onchain/onchain-venue.ts';
import { openOnchainVenues } from '../../venues/onchain/open-onchain-venues.ts';
import type { Backends } from './backends.ts';

const GWEI = 1_000_000_000n;
/** Of one endpoint. Less than one venue may delay the others' quotes. */
const RPC_TIMEOUT_MS = 4_000;

export interface OpenMarket {
  readonly transport: RpcEndpoints['transport'];
  /** The wrapped native currency. */
  readonly weth: Address;
  readonly node: ChainNode;
  /** The limits of what a transaction may offer. */
  readonly fees: FeeLimits;
  readonly venues: readonly OnchainVenue[];
}

/** @throws OperatorError when the market has no tokens */
export function openMarket(
  config: Pick<Config, 'CHAIN_POLL_MS' | 'MAX_FEE_GWEI' | 'MAX_TIP_GWEI'>,
  { rpcUrl, market, heads }: { readonly rpcUrl: string; readonly market: Market; readonly heads?: NewHeads },
  log: Backends['log'],
): OpenMarket {
  const [first] = market.tokens;
  if (first === undefined)
    throw new OperatorError(
      'CHAIN_FILE lists no tokens: expected at least one, beginning with the wrapped native token',
    );
  const weth = first.address;
  const endpoints = new RpcEndpoints(splitRpcUrls(rpcUrl), { timeoutMs: RPC_TIMEOUT_MS });
  const { transport } = endpoints;
  const { multicall3 } = market;
  const node = openChainNode(endpoints, {
    pollMs: config.CHAIN_POLL_MS,
    multicall3,
    log,
    ...(heads === undefined ? {} : { heads }),
    ...(market.l1FeeOracle === undefined
      ? {}
      : { l1FeeOracle: { address: market.l1FeeOracle, chainId: market.chainId } }),
  });
  const fees = {
    maxFeePerGas: BigInt(config.MAX_FEE_GWEI) * GWEI,
    maxPriorityFeePerGas: BigInt(config.MAX_TIP_GWEI) * GWEI,
  };
  const gasPrice = async () => expectedGasPrice(await node.feeMarket(), fees);
  const contracts = contractsOf(market);
  const coinSymbol = nativeCoinOf(market)?.symbol ?? null;
  const venues = openOnchainVenues(
    { ...market, rpcUrl, transport, weth, coinSymbol, contracts, gasPrice },
    systemClock,
  );
  return { transport, weth, node, fees, venues };
}
