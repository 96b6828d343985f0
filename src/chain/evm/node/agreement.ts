/** What ends an order without a fill must be said by two endpoints, where there are two: one may be on a branch that lost. */
import { numberToHex, type Hash, type TransactionReceipt } from 'viem';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { RpcEndpoints } from '../../../rpc/endpoints.ts';
import { Recent } from '../../../runtime/recent.ts';

const NEEDED = 2;
/** Between two questions about the same receipt, in poll intervals. */
const ASKED_AGAIN_POLLS = 20;

const blockSchema = z.looseObject({ hash: z.string() }).nullable();
const receiptSchema = z.looseObject({ blockHash: z.string(), status: z.string().optional() }).nullable();

type Saying = Pick<TransactionReceipt, 'transactionHash' | 'blockNumber' | 'blockHash' | 'status'>;

/**
 * Whether two endpoints have this block at the receipt's height, and this receipt in it. Both are asked anew, each by itself. False
 * while fewer than two answer, or one of them lags.
 */
export type AgreedBy = (receipt: Saying) => Promise<boolean>;

export function agreementOf(endpoints: RpcEndpoints, pollMs: number, log?: Pick<Logger, 'warn'>): AgreedBy {
  const askedAt = new Recent<Hash, number>();
  const agreed = new Recent<Hash, Hash>();
  const told = new Recent<Hash, Hash>();

  return async (receipt) => {
    if (endpoints.count < NEEDED) return true;
    const { transactionHash: hash, blockNumber, blockHash } = receipt;
    if (agreed.get(hash) === blockHash) return true;
    const now = performance.now();
    if (now - (askedAt.get(hash) ?? -Infinity) < ASKED_AGAIN_POLLS * pollMs) return false;
    askedAt.set(hash, now);
    const answers = await endpoints.requestFromEach(
      async (request) => {
        const block = blockSchema.parse(
          await request({ method: 'eth_getBlockByNumber', params: [numberToHex(blockNumber), false] }),
        );
        const found = receiptSchema.parse(
          await request({ method: 'eth_getTransactionReceipt', params: [hash] }),
        );
        return { block, found };
      },
      (all) => all.filter((each) => isSame(receipt, each)).length < NEEDED,
    );
    if (answers.filter((each) => isSame(receipt, each)).length >= NEEDED) {
      agreed.set(hash, blockHash);
      return true;
    }
    const others = answers.flatMap(({ block }) =>
      block === null || block.hash === blockHash ? [] : [block.hash],
    );
    if (others.length > 0 && told.get(hash) !== blockHash) {
      told.set(hash, blockHash);
      log?.warn(
        { transaction: hash, block: Number(blockNumber), hash: blockHash, others },
        'the endpoints of RPC_URL disagree on the block of a transaction that ends an order unfilled: it waits until two agree',
      );
    }
    return false;
  };
}

interface Told {
  readonly block: z.infer<typeof blockSchema>;
  readonly found: z.infer<typeof receiptSchema>;
}

function isSame({ blockHash, status }: Saying, { block, found }: Told): boolean {
  const said = found?.status === '0x1' ? 'success' : 'reverted';
  return block?.hash === blockHash && found?.blockHash === blockHash && said === status;
}
