/**
 * What signs: a key in this process, or a service that returns the signed bytes. A service that sends them itself cannot be
 * used, because its bytes could not be stored before they are sent.
 */
import type { Address, Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { EffectError } from '../../../../machines/order/effect-error.ts';

interface UnsignedFields {
  /** A legacy transaction names it, too (EIP-155). */
  readonly chainId: number;
  readonly nonce: number;
  readonly to: Address;
  readonly value: bigint;
  readonly data: Hex;
  readonly gas: bigint;
}

/** `legacy` is for chains without EIP-1559. Fees are in wei per gas. */
export type UnsignedTransaction = UnsignedFields &
  (
    | { readonly type: 'eip1559'; readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }
    | { readonly type: 'legacy'; readonly gasPrice: bigint }
  );

export interface TransactionSigner {
  readonly address: Address;
  /** The signed transaction, serialised. The same input may be signed more than once, with other bytes each time. */
  sign(transaction: UnsignedTransaction): Promise<Hex>;
}

export function privateKeySigner(privateKey: Hex): TransactionSigner {
  const account = privateKeyToAccount(privateKey);
  return { address: account.address, sign: (transaction) => account.signTransaction(transaction) };
}

export const SIGNER_HALTED = 'signer_halted';

/** Why an order waits while its signer is halted. */
export function signerHalted({ message }: { readonly message: string }): EffectError {
  return new EffectError('wait', SIGNER_HALTED, `The signer is halted: ${message}`);
}
