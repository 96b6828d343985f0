import type { Mutation } from '../mutation.ts';
import { CHAIN_MUTATIONS } from './chain.ts';
import { FEED_MUTATIONS } from './feed.ts';
import { ORDER_MUTATIONS } from './orders.ts';
import { STORE_MUTATIONS } from './stores.ts';
import { WORKER_MUTATIONS } from './worker.ts';

export const MUTATIONS: readonly Mutation[] = [
  ...WORKER_MUTATIONS,
  ...CHAIN_MUTATIONS,
  ...FEED_MUTATIONS,
  ...STORE_MUTATIONS,
  ...ORDER_MUTATIONS,
];
