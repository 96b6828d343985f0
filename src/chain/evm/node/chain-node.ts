/** A chain's node, as the submitter asks it: facts and nothing else. Trouble with it is an EffectError that waits. */
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
import { genesisOf } from '../../genesis.ts';
import { sendResult, type SendResult } from './send-result.ts';

const ANSWERS_WITHIN_MS = 5_000;

export interface Head {
  readonly number: bigint;
  readonly hash: Hash;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint;
}

export interface FoundTransaction {
  readonly hash: Hash;
  readonly block: bigint;
}

export function openChainNode(rpcUrl: string) {
  const client = createPublicClient({
    transport: http(rpcUrl, { retryCount: 0, timeout: ANSWERS_WITHIN_MS }),
    cacheTime: 0,
  });

  /** @throws EffectError `wait`, `rpc_unavailable` */
  async function ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (thrown) {
      if (thrown instanceof BaseError) throw unavailable(thrown);
      throw thrown;
    }
  }

  /** Null where the node says that there is none. */
  async function askForOne<T>(question: () => Promise<T>): Promise<T | null> {
    return ask(async () => {
      try {
        return await question();
      } catch (thrown) {
        if (thrown instanceof TransactionReceiptNotFoundError) return null;
        if (thrown instanceof TransactionNotFoundError) return null;
        if (thrown instanceof BlockNotFoundError) return null;
        throw thrown;
      }
    });
  }

  async function head(): Promise<Head> {
    const { number, hash, timestamp, baseFeePerGas } = await ask(() => client.getBlock());
    return { number, hash, timestamp, baseFeePerGas: baseFeePerGas ?? 0n };
  }

  return {
    head,

    chainId: () => ask(() => client.getChainId()),

    genesis: (): Promise<Hash> => ask(() => genesisOf(client)),

    /** How many nonces are used, now or as of a block. */
    nonceOf: (address: Address, blockNumber?: bigint): Promise<number> =>
      ask(() =>
        client.getTransactionCount(
          blockNumber === undefined ? { address, blockTag: 'latest' } : { address, blockNumber },
        ),
      ),

    receipt: (hash: Hash): Promise<TransactionReceipt | null> =>
      askForOne(() => client.getTransactionReceipt({ hash })),

    /** Whether the node has it, mined or waiting. */
    knows: async (hash: Hash): Promise<boolean> =>
      (await askForOne(() => client.getTransaction({ hash }))) !== null,

    /** The one that used the nonce, in this block; null: none of this block did. */
    userOfNonce: async (
      address: Address,
      nonce: number,
      blockNumber: bigint,
    ): Promise<FoundTransaction | null> => {
      const block = await askForOne(() => client.getBlock({ blockNumber, includeTransactions: true }));
      const found = block?.transactions.find(
        (each) => each.from.toLowerCase() === address.toLowerCase() && each.nonce === nonce,
      );
      return found === undefined ? null : { hash: found.hash, block: blockNumber };
    },

    /** Sends bytes that were signed. Repeating it does no harm. Never throws what the node says. */
    async send(bytes: Hex): Promise<SendResult> {
      try {
        const hash = await client.sendRawTransaction({ serializedTransaction: bytes });
        return hash === keccak256(bytes) ? 'known' : 'unknown';
      } catch (thrown) {
        if (!(thrown instanceof BaseError)) throw thrown;
        return sendResult(textsOf(thrown));
      }
    },

    balanceOf: (token: Address, owner: Address): Promise<bigint> =>
      ask(() =>
        client.readContract({ address: token, abi: ERC20, functionName: 'balanceOf', args: [owner] }),
      ),

    allowance: (token: Address, owner: Address, spender: Address): Promise<bigint> =>
      ask(() =>
        client.readContract({
          address: token,
          abi: ERC20,
          functionName: 'allowance',
          args: [owner, spender],
        }),
      ),

    etherOf: (address: Address): Promise<bigint> => ask(() => client.getBalance({ address })),

    tip: (): Promise<bigint> => ask(() => client.estimateMaxPriorityFeePerGas()),

    /** What a mined transaction that reverted would revert with if it were called again where it was; '0x': nothing is known. */
    async revertData(hash: Hash): Promise<Hex> {
      const sent = await askForOne(() => client.getTransaction({ hash }));
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

function textsOf(error: BaseError): string {
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
