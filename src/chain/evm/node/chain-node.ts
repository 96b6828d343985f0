/** The requests that the submitter sends to a chain's node. Where the node fails, they throw an EffectError that waits. */
import {
  BaseError,
  BlockNotFoundError,
  createPublicClient,
  http,
  keccak256,
  RpcRequestError,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
  type Address,
  type Hash,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import type { Logger } from 'pino';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { revertDataOf } from '../../../abis/revert.ts';
import { readGenesisHash } from '../../genesis.ts';
import { balancesReader, type Balances } from './balances.ts';
import { BlockTracker, type Block, type Place } from './block-tracker.ts';
import { feeMarketReader, type FeeMarket } from './fee-market.ts';
import { estimateCall, simulateCall, type SimulatedCall, type Simulation } from './simulate-call.ts';
import { classifySendError, type SendResult } from './send-result.ts';

const RPC_TIMEOUT_MS = 5_000;

/** Blocks whose parents are known: more than any chain is expected to take back. */
const BLOCKS_KEPT = 128;

export interface MinedTransaction {
  readonly hash: Hash;
  readonly block: bigint;
  readonly blockHash: Hash;
}

export interface ChainNodeOptions {
  /** For how long the last block counts as the head without a request, in milliseconds. */
  readonly headMaxAgeMs?: number;
  /** Of Multicall3, to read several facts with one request. */
  readonly multicall3?: Address;
  readonly log?: Pick<Logger, 'warn'>;
}

export function openChainNode(rpcUrl: string, { headMaxAgeMs = 0, multicall3, log }: ChainNodeOptions = {}) {
  const client = createPublicClient({
    transport: http(rpcUrl, { retryCount: 0, timeout: RPC_TIMEOUT_MS }),
    cacheTime: 0,
  });

  /** @throws EffectError `wait`, `rpc_unavailable` */
  async function request<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      if (thrown instanceof BaseError) throw unavailable(thrown);
      throw thrown;
    }
  }

  /** Null where the node has none. */
  async function requestOrNull<T>(read: () => Promise<T>): Promise<T | null> {
    return request(async () => {
      try {
        return await read();
      } catch (thrown) {
        if (thrown instanceof TransactionReceiptNotFoundError) return null;
        if (thrown instanceof TransactionNotFoundError) return null;
        if (thrown instanceof BlockNotFoundError) return null;
        throw thrown;
      }
    });
  }

  const blocks = new BlockTracker(
    {
      latest: async () => toBlock(await request(() => client.getBlock())),
      byHash: async (blockHash) => orNull(await requestOrNull(() => client.getBlock({ blockHash }))),
      byNumber: async (blockNumber) => orNull(await requestOrNull(() => client.getBlock({ blockNumber }))),
    },
    { kept: BLOCKS_KEPT, pollMs: headMaxAgeMs },
    {
      onReorganised: ({ from, depth }) =>
        log?.warn({ fromBlock: Number(from), blocks: depth }, 'the chain took blocks back'),
      onContested: ({ head, told }) =>
        log?.warn(
          { head: Number(head), told: Number(told) },
          'a node behind RPC_URL is on another branch: nothing counts as final while it answers',
        ),
    },
  );

  const readBalances = balancesReader(client, () => blocks.head(), multicall3 ?? null);
  const readFeeMarket = feeMarketReader(client, () => blocks.head());

  async function readFinalized(): Promise<bigint | null> {
    try {
      return (await client.getBlock({ blockTag: 'finalized' })).number;
    } catch (thrown) {
      // Chains without finality answer an error or no block, in words of their own.
      if (thrown instanceof BlockNotFoundError || thrown instanceof RpcRequestError) return null;
      if (thrown instanceof BaseError && thrown.walk((each) => each instanceof RpcRequestError) !== null)
        return null;
      if (thrown instanceof BaseError) throw unavailable(thrown);
      throw thrown;
    }
  }

  let finalized: { readonly head: Hash; readonly number: Promise<bigint | null> } | null = null;

  return {
    /** The last block of the chain as it is tracked. */
    head: (): Promise<Block> => blocks.head(),

    /** Where a block is, as seen from the head: whichever node told of it. @throws EffectError `wait` */
    placeOf: (block: { readonly number: bigint; readonly hash: Hash }): Promise<Place> =>
      blocks.placeOf(block),

    /** Height of the last block that the chain's consensus has finalized; null: the node does not know of finality. */
    async finalized(): Promise<bigint | null> {
      const { hash } = await blocks.head();
      if (finalized?.head !== hash) finalized = { head: hash, number: readFinalized() };
      return finalized.number;
    },

    chainId: () => request(() => client.getChainId()),

    genesis: (): Promise<Hash> => request(() => readGenesisHash(client)),

    /** How many nonces are used, now or as of a block. */
    transactionCount: (address: Address, blockNumber?: bigint): Promise<number> =>
      request(() =>
        client.getTransactionCount(
          blockNumber === undefined ? { address, blockTag: 'latest' } : { address, blockNumber },
        ),
      ),

    receipt: (hash: Hash): Promise<TransactionReceipt | null> =>
      requestOrNull(() => client.getTransactionReceipt({ hash })),

    /** Whether the node has it, mined or in its mempool. */
    hasTransaction: async (hash: Hash): Promise<boolean> =>
      (await requestOrNull(() => client.getTransaction({ hash }))) !== null,

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
    async send(bytes: Hex): Promise<SendResult> {
      try {
        const hash = await client.sendRawTransaction({ serializedTransaction: bytes });
        return hash === keccak256(bytes) ? 'accepted' : 'unknown';
      } catch (thrown) {
        if (!(thrown instanceof BaseError)) throw thrown;
        return classifySendError(errorTexts(thrown));
      }
    },

    balanceOf: (token: Address, owner: Address): Promise<bigint> =>
      request(() =>
        client.readContract({ address: token, abi: ERC20, functionName: 'balanceOf', args: [owner] }),
      ),

    /** Now, or as of a block. */
    allowance: (token: Address, owner: Address, spender: Address, blockNumber?: bigint): Promise<bigint> =>
      request(() =>
        client.readContract({
          address: token,
          abi: ERC20,
          functionName: 'allowance',
          args: [owner, spender],
          ...(blockNumber === undefined ? {} : { blockNumber }),
        }),
      ),

    balances: (token: Address, owners: readonly Address[]): Promise<readonly Balances[]> =>
      request(() => readBalances(token, owners)),

    etherBalanceOf: (address: Address): Promise<bigint> => request(() => client.getBalance({ address })),

    /** What a call would return, or the data that it would revert with. */
    simulate: (call: SimulatedCall): Promise<Simulation> => request(() => simulateCall(client, call)),

    /** What a call would use; null: it would revert. */
    estimateGas: (call: SimulatedCall): Promise<bigint | null> => request(() => estimateCall(client, call)),

    feeMarket: (): Promise<FeeMarket> => request(readFeeMarket),

    /** The revert data of a mined transaction, from calling it again at its block; '0x': unknown. */
    async revertData(hash: Hash): Promise<Hex> {
      const sent = await requestOrNull(() => client.getTransaction({ hash }));
      if (sent?.blockNumber == null || sent.to === null) return '0x';
      for (const blockNumber of [sent.blockNumber, sent.blockNumber - 1n]) {
        const data = await client
          .call({
            account: sent.from,
            to: sent.to,
            data: sent.input,
            value: sent.value,
            gas: sent.gas,
            blockNumber,
          })
          .then(() => null, revertDataOf);
        if (data !== null) return data;
      }
      return '0x';
    },
  };
}

/** As viem gives it without its transactions. A block that is being built has no number or hash. */
interface RpcBlock {
  readonly number: bigint | null;
  readonly hash: Hash | null;
  readonly parentHash: Hash;
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint | null;
  readonly transactions: readonly Hash[];
}

function orNull(block: RpcBlock | null): Block | null {
  return block === null ? null : toBlock(block);
}

function toBlock({ number, hash, parentHash, timestamp, baseFeePerGas, transactions }: RpcBlock): Block {
  if (number === null || hash === null) throw new Error('the node answered a block without number or hash');
  return { number, hash, parentHash, timestamp, baseFeePerGas, transactions };
}

export type ChainNode = ReturnType<typeof openChainNode>;

function unavailable(cause: BaseError): EffectError {
  return new EffectError(
    'wait',
    'rpc_unavailable',
    `The chain's node gives no answer: ${cause.details || cause.shortMessage}`,
    { cause },
  );
}

function errorTexts(error: BaseError): string {
  const texts: string[] = [];
  error.walk((each) => {
    if (each instanceof BaseError) texts.push(each.details, each.shortMessage);
    else if (each instanceof Error) texts.push(each.message);
    return false;
  });
  return texts.join(' ');
}
