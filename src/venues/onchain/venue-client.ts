import { createPublicClient, defineChain, type Address, type Transport } from 'viem';
import { RpcEndpoints, splitRpcUrls } from '../../rpc/endpoints.ts';

export interface VenueClientSettings {
  /** One address, or several separated by commas. */
  readonly rpcUrl: string;
  /** How requests get there; by default over endpoints of its own. */
  readonly transport?: Transport;
  readonly chainId: number;
  /** Of Multicall3: https://github.com/mds1/multicall */
  readonly multicall3: Address;
}

/** Less than one venue may delay the others' quotes. */
const RPC_TIMEOUT_MS = 4_000;
/** Of calldata in one request: about 200 calls. viem's default of 1 KB would split the venues of one order. */
const MULTICALL_BYTES = 64 * 1024;

/**
 * All reads of one turn of the event loop, for any venue or order, go to the node as one multicall: one request, one block.
 * It does not retry: orders have their own retries.
 */
export function openVenueClient({ rpcUrl, transport, chainId, multicall3 }: VenueClientSettings) {
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
    contracts: { multicall3: { address: multicall3 } },
  });
  return createPublicClient({
    chain,
    transport: transport ?? new RpcEndpoints(splitRpcUrls(rpcUrl), { timeoutMs: RPC_TIMEOUT_MS }).transport,
    batch: { multicall: { batchSize: MULTICALL_BYTES } },
    cacheTime: 0,
  });
}

export type VenueClient = ReturnType<typeof openVenueClient>;
