/** The requests that the submitter sends to a chain's node. Where the node fails, they throw an EffectError that waits. */
import {
  BaseError,
  BlockNotFoundError,
  createPublicClient,
  keccak256,
  type Address,
  type Hash,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import type { Logger } from 'pino';
import { RpcEndpoints, splitRpcUrls } from '../../../rpc/endpoints.ts';
import type { NewHeads } from '../../../rpc/new-heads.ts';
import { oneLine } from '../../../rpc/one-line.ts';
import { isRateLimit, isRefusal } from '../../../rpc/refusal.ts';
import { readGenesisHash } from '../../genesis.ts';
import { agreementOf } from './agreement.ts';
import { accountReader } from './account-reader.ts';
import { anyReceipt } from './any-receipt.ts';
import { BlockTracker, type Place } from './block-tracker.ts';
import { feeMarketReader, type FeeMarket } from './fee-market.ts';
import { callReader, type L1FeeOracle } from './call-reader.ts';
import { toBlock, toBlockOrNull, type Block } from './kept-chain.ts';
import { classifySendError, type Sent } from './send-result.ts';
import { differentChains, errorTexts, request, requestOrNull, unavailable } from './node-failure.ts';
import { Recent } from '../../../runtime/recent.ts';
import { PooledTransactions, sharedCounts, sharedReceipts } from './shared-answers.ts';

const RPC_TIMEOUT_MS = 5_000;

/** Blocks whose parents are known: more than any chain is expected to take back. */
const BLOCKS_KEPT = 128;

export interface MinedTransaction {
  readonly hash: Hash;
  readonly block: bigint;
  readonly blockHash: Hash;
}

export interface ChainNodeOptions {
  /** The shortest pause between two looks at the chain, in milliseconds. 0: each question is a request. */
  readonly pollMs?: number;
  /** Of Multicall3, to read several facts with one request. */
  readonly multicall3?: Address;
  readonly l1FeeOracle?: L1FeeOracle;
  readonly log?: Pick<Logger, 'warn'>;
  /** Where a node tells of new blocks. */
  readonly heads?: Pick<NewHeads, 'listen'>;
}

/** @param rpc the endpoints, or their addresses as RPC_URL lists them */
export function openChainNode(
  rpc: string | RpcEndpoints,
  { pollMs = 0, multicall3, l1FeeOracle, log, heads }: ChainNodeOptions = {},
) {
  const endpoints =
    typeof rpc === 'string' ? new RpcEndpoints(splitRpcUrls(rpc), { timeoutMs: RPC_TIMEOUT_MS }) : rpc;
  const client = createPublicClient({ transport: endpoints.transport, cacheTime: 0 });

  const blocks = new BlockTracker(
    {
      latest: async () => toBlock(await request(() => client.getBlock())),
      byHash: async (blockHash) => toBlockOrNull(await requestOrNull(() => client.getBlock({ blockHash }))),
      byNumber: async (blockNumber) =>
        toBlockOrNull(await requestOrNull(() => client.getBlock({ blockNumber }))),
    },
    { kept: BLOCKS_KEPT, pollMs },
    {
      onReorganised: ({ from, depth }) => {
        pooled.forget();
        log?.warn({ fromBlock: Number(from), blocks: depth }, 'the chain took blocks back');
      },
      onContested: ({ head, told }) =>
        log?.warn(
          { head: Number(head), told: Number(told) },
          'a node behind RPC_URL is on another branch: nothing counts as final while it answers',
        ),
    },
  );

  heads?.listen({ onHead: () => blocks.told(), onLost: () => blocks.untold() });

  const pooled = new PooledTransactions(
    async (hash) => (await requestOrNull(() => client.getTransaction({ hash }))) !== null,
    pollMs,
  );
  const countNow = sharedCounts(
    (address) => request(() => client.getTransactionCount({ address, blockTag: 'latest' })),
    blocks,
    pollMs,
  );
  const receiptOf = sharedReceipts(
    (hash) => requestOrNull(() => client.getTransactionReceipt({ hash })),
    blocks,
  );

  const receiptOfAny = anyReceipt(endpoints);

  const refusals = new Recent<Hash, string | null>();

  async function sendOnce(bytes: Hex, own: Hash): Promise<Sent> {
    try {
      const hash = await client.sendRawTransaction({ serializedTransaction: bytes });
      if (hash === own) return { result: 'accepted', said: null };
      return { result: 'unknown', said: `it answered with the hash of another transaction, ${hash}` };
    } catch (thrown) {
      if (!(thrown instanceof BaseError)) throw thrown;
      const result = isRateLimit(thrown) ? 'rate_limited' : classifySendError(errorTexts(thrown));
      return { result, said: result === 'accepted' ? null : oneLine(thrown.details || thrown.shortMessage) };
    }
  }
  const accounts = accountReader(client, () => blocks.head(), multicall3 ?? null);
  const calls = callReader(client, l1FeeOracle ?? null);
  const readFeeMarket = feeMarketReader(client, () => blocks.head());

  async function readFinalized(): Promise<bigint | null> {
    try {
      return (await client.getBlock({ blockTag: 'finalized' })).number;
    } catch (thrown) {
      // Chains without finality answer an error or no block.
      if (thrown instanceof BlockNotFoundError || isRefusal(thrown)) return null;
      if (thrown instanceof BaseError) throw unavailable(thrown);
      throw thrown;
    }
  }

  let finalized: { readonly head: Hash; readonly number: Promise<bigint | null> } | null = null;

  return {
    /** The last block of the chain as it is tracked. */
    head: (): Promise<Block> => blocks.head(),

    /** The head, once it is another than `seen`. All that wait share one look a block. @throws EffectError; the signal's reason */
    next: (seen: Hash, signal: AbortSignal): Promise<Block> => blocks.next(seen, signal),

    /** Between two blocks, as learnt, in milliseconds; null: not known yet. */
    blockIntervalMs: (): number | null => blocks.intervalMs,

    /** The block that holds the transaction, among those that are kept, without a request; null: none does. */
    blockOf: (transaction: Hash): Block | null => blocks.holding(transaction),

    /** Whether the chain is kept down to this height. */
    keeps: (number: bigint): boolean => blocks.keeps(number),

    /** Where a block is, as seen from the head: whichever node told of it. @throws EffectError `wait` */
    placeOf: (block: { readonly number: bigint; readonly hash: Hash }): Promise<Place> =>
      blocks.placeOf(block),

    /** Height of the last block that the chain's consensus has finalized; null: the node does not know of finality. */
    async finalized(): Promise<bigint | null> {
      const { hash } = await blocks.head();
      if (finalized?.head !== hash) finalized = { head: hash, number: readFinalized() };
      return finalized.number;
    },

    /** Of all endpoints that answer. @throws EffectError `wait`; `fail`, `wrong_chain` where they differ */
    async chainId(): Promise<number> {
      const ids = await endpoints.requestFromEach(
        async (ask) => Number(await ask({ method: 'eth_chainId' })),
        () => true,
      );
      const [first, ...others] = new Set(ids);
      if (others.length > 0) throw differentChains(new Set(ids));
      return first ?? request(() => client.getChainId());
    },

    genesis: (): Promise<Hash> => request(() => readGenesisHash(client)),

    /** How many nonces are used: as of a block, or at about the head. */
    transactionCount: (address: Address, blockNumber?: bigint): Promise<number> =>
      blockNumber === undefined
        ? countNow(address)
        : request(() => client.getTransactionCount({ address, blockNumber })),

    receipt: (hash: Hash): Promise<TransactionReceipt | null> => receiptOf(hash),

    /** Of a transaction that may have used its nonce: where the first endpoint has none, the others are asked. */
    minedReceipt: async (hash: Hash): Promise<TransactionReceipt | null> =>
      (await receiptOf(hash)) ?? receiptOfAny(hash),

    /** Whether two endpoints say the same of it, where there are two. What ends an order without a fill waits for that. */
    isAgreed: agreementOf(endpoints, pollMs, log),

    /**
     * Whether the node has it, mined or in its mempool, or had it shortly ago.
     * @param head given where this block could have held it: what the node had before that block does not count
     */
    hasTransaction: (hash: Hash, head?: Hash): Promise<boolean> => pooled.has(hash, head),

    /** The one of this block that used the nonce; null: the block has none. */
    findTransactionByNonce: async (
      address: Address,
      nonce: number,
      blockNumber: bigint,
    ): Promise<MinedTransaction | null> => {
      const block = await requestOrNull(() => client.getBlock({ blockNumber, includeTransactions: true }));
      const found = block?.transactions.find(
        (each) => each.from.toLowerCase() === address.toLowerCase() && each.nonce === nonce,
      );
      return block === null || found === undefined
        ? null
        : { hash: found.hash, block: blockNumber, blockHash: block.hash };
    },

    /** Sends a signed transaction. Repeating it is safe. What the node answers is a result, never thrown. */
    async send(bytes: Hex): Promise<Sent> {
      const hash = keccak256(bytes);
      const sent = await sendOnce(bytes, hash);
      if (sent.result === 'accepted') pooled.add(hash);
      refusals.set(hash, sent.said);
      return sent;
    },

    /** What the node said when it last refused the transaction; null: it did not, or not to this process. */
    lastRefusal: (hash: Hash): string | null => refusals.get(hash) ?? null,

    feeMarket: (): Promise<FeeMarket> => request(readFeeMarket),

    ...accounts,
    ...calls,
  };
}

export type ChainNode = ReturnType<typeof openChainNode>;
