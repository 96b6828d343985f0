import { BaseError, createPublicClient, custom, type Hash, type TransactionReceipt } from 'viem';
import type { RpcEndpoints } from '../../../rpc/endpoints.ts';

/** Null: none of them has it, or there is only one. */
export type AnyReceipt = (hash: Hash) => Promise<TransactionReceipt | null>;

/**
 * The receipt of a mined transaction, from the first endpoint that has it. One that has pruned it answers like one that never had it, so that
 * its answer says nothing.
 */
export function anyReceipt(endpoints: RpcEndpoints): AnyReceipt {
  return async (hash) => {
    if (endpoints.count < 2) return null;
    const answers = await endpoints.requestFromEach(
      async (request): Promise<TransactionReceipt | null> => {
        const client = createPublicClient({
          transport: custom({ request }, { retryCount: 0 }),
          cacheTime: 0,
        });
        try {
          return await client.getTransactionReceipt({ hash });
        } catch (thrown) {
          if (thrown instanceof BaseError) return null;
          throw thrown;
        }
      },
      (found) => found.every((receipt) => receipt === null),
    );
    return answers.find((receipt) => receipt !== null) ?? null;
  };
}
