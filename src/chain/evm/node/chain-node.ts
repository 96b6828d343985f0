/** The requests that the submitter sends to a chain's node. Where the node fails, they throw an EffectError that waits. */
import {
  BaseError,
  BlockNotFoundError,
  createPublicClient,
  http,
  keccak256,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
  type Address,
  type Hash,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { readGenesisHash } from '../../genesis.ts';
import { classifySendError, type SendResult } from './send-result.ts';

const RPC_TIMEOUT_MS = 5_000;

export interface Head {
  readonly number: bigint;
  readonly hash: Hash;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint;
}

export interface MinedTransaction {
  readonly hash: Hash;
  readonly block: bigint;
}

export function openChainNode(rpcUrl: string) {
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

  async function head(): Promise<Head> {
    const { number, hash, timestamp, baseFeePerGas } = await request(() => client.getBlock());
    return { number, hash, timestamp, baseFeePerGas: baseFeePerGas ?? 0n };
  }

  return {
    head,

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
      return found === undefined ? null : { hash: found.hash, block: blockNumber };
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

    allowance: (token: Address, owner: Address, spender: Address): Promise<bigint> =>
      request(() =>
        client.readContract({
          address: token,
          abi: ERC20,
          functionName: 'allowance',
          args: [owner, spender],
        }),
      ),

    etherBalanceOf: (address: Address): Promise<bigint> => request(() => client.getBalance({ address })),

    priorityFee: (): Promise<bigint> => request(() => client.estimateMaxPriorityFeePerGas()),

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

function revertDataOf(thrown: unknown): Hex | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('data' in error && typeof error.data === 'string' && error.data.startsWith('0x')) {
      return `0x${error.data.slice(2)}`;
    }
  }
  return null;
}
