import { createTestClient, http, publicActions } from 'viem';

/** Whatever may be asked of the local chain, with what only anvil grants. */
export function openLocalClient(rpcUrl: string) {
  return createTestClient({ mode: 'anvil', transport: http(rpcUrl), cacheTime: 0 }).extend(publicActions);
}

export type LocalClient = ReturnType<typeof openLocalClient>;
