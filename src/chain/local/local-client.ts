import { createTestClient, http, publicActions } from 'viem';

/** A client of the local chain, with anvil's own methods. */
export function openLocalClient(rpcUrl: string) {
  return createTestClient({ mode: 'anvil', transport: http(rpcUrl), cacheTime: 0 }).extend(publicActions);
}

export type LocalClient = ReturnType<typeof openLocalClient>;
