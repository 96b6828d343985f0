import { createPublicClient, defineChain, http, type Address } from 'viem';

export interface VenueClientSettings {
  readonly rpcUrl: string;
  readonly chainId: number;
  /** Of Multicall3: https://github.com/mds1/multicall */
  readonly multicall3: Address;
}

/** Less than a venue may keep the others' quotes waiting. */
const ANSWERS_WITHIN_MS = 4_000;
/** Of calldata in one request: some two hundred calls. viem's own 1 KB would part the venues of one order. */
const MULTICALL_BYTES = 64 * 1024;

/**
 * Reads of one turn of the event loop, whichever venue or order they are for, go to the node as one multicall: one request,
 * one block. It does not repeat what failed: orders have their own retries.
 */
export function openVenueClient({ rpcUrl, chainId, multicall3 }: VenueClientSettings) {
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
    contracts: { multicall3: { address: multicall3 } },
  });
  return createPublicClient({
    chain,
    transport: http(rpcUrl, { retryCount: 0, timeout: ANSWERS_WITHIN_MS }),
    batch: { multicall: { batchSize: MULTICALL_BYTES } },
    cacheTime: 0,
  });
}

export type VenueClient = ReturnType<typeof openVenueClient>;
