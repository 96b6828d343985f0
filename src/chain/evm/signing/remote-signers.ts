/**
 * Signers whose keys are in a service that signs by JSON-RPC and returns the bytes. Web3Signer speaks
 * `eth_accounts` and `eth_signTransaction`, Clef the same under other names.
 * https://docs.web3signer.consensys.io/reference/api/json-rpc, https://geth.ethereum.org/docs/clef/apis
 */
import { getAddress, numberToHex, type Address, type Hex } from 'viem';
import { z } from 'zod';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { signerRpc, SignerRefused, type SignerRequest, type SignerRpcSettings } from './signer-rpc.ts';
import type { TransactionSigner, UnsignedTransaction } from './transaction-signer.ts';
import { verifySigned } from './verify-signed.ts';

interface Dialect {
  readonly accounts: string;
  readonly signTransaction: string;
}

const ETH: Dialect = { accounts: 'eth_accounts', signTransaction: 'eth_signTransaction' };
const CLEF: Dialect = { accounts: 'account_list', signTransaction: 'account_signTransaction' };

const METHOD_NOT_FOUND = -32601;

const accountsSchema = z.array(
  z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .transform((text) => getAddress(text.toLowerCase())),
);

const hexSchema = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/)
  .transform((text): Hex => `0x${text.slice(2).toLowerCase()}`);
/** Geth and Clef return the bytes beside the decoded transaction. */
const signedSchema = z.union([hexSchema, z.object({ raw: hexSchema }).transform(({ raw }) => raw)]);

/**
 * One for each account that the service holds.
 * @throws EffectError `wait`: signer_unavailable, signer_refused
 */
export async function openRemoteSigners(settings: SignerRpcSettings): Promise<readonly TransactionSigner[]> {
  const ask = signerRpc(settings);
  const { dialect, addresses } = await detectDialect(ask);
  return addresses.map((address) => remoteSigner(ask, dialect, address));
}

async function detectDialect(
  ask: SignerRequest,
): Promise<{ dialect: Dialect; addresses: readonly Address[] }> {
  try {
    return { dialect: ETH, addresses: accountsIn(await ask(ETH.accounts, [])) };
  } catch (thrown) {
    if (!(thrown instanceof SignerRefused) || thrown.rpcCode !== METHOD_NOT_FOUND) throw thrown;
    return { dialect: CLEF, addresses: accountsIn(await ask(CLEF.accounts, [])) };
  }
}

function accountsIn(answer: unknown): readonly Address[] {
  const read = accountsSchema.safeParse(answer);
  if (read.success) return [...new Set(read.data)];
  throw new EffectError(
    'wait',
    'signer_unavailable',
    'The remote signer lists its accounts in an unknown form: expected an array of addresses',
  );
}

function remoteSigner(ask: SignerRequest, { signTransaction }: Dialect, address: Address): TransactionSigner {
  return {
    address,
    async sign(transaction) {
      const signed = signedSchema.safeParse(await ask(signTransaction, [requestOf(address, transaction)]));
      if (!signed.success) {
        throw new EffectError(
          'wait',
          'signer_deviates',
          `The remote signer answers ${signTransaction} without bytes: expected 0x… or {"raw": "0x…"}`,
        );
      }
      await verifySigned(signed.data, transaction, address);
      return signed.data;
    },
  };
}

/** Web3Signer reads `data`, and takes its chain from its own settings; Clef compares `chainId` with its own. */
function requestOf(from: Address, transaction: UnsignedTransaction): Record<string, string> {
  const { chainId, nonce, to, value, data, gas } = transaction;
  return {
    from,
    to,
    data,
    chainId: numberToHex(chainId),
    nonce: numberToHex(nonce),
    value: numberToHex(value),
    gas: numberToHex(gas),
    ...(transaction.type === 'legacy'
      ? { gasPrice: numberToHex(transaction.gasPrice) }
      : {
          maxFeePerGas: numberToHex(transaction.maxFeePerGas),
          maxPriorityFeePerGas: numberToHex(transaction.maxPriorityFeePerGas),
        }),
  };
}
