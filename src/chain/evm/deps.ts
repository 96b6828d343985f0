/** What the parts of the submitter share. */
import type { Address, Hex, TransactionReceipt } from 'viem';
import type { Logger } from 'pino';
import type { Failure, OrderTerms } from '../../../machines/order/types.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import type { SignerLedger } from '../../store/ledger.ts';
import type { Clock } from '../../runtime/time.ts';
import type { ChainNode } from './node/chain-node.ts';
import type { FeeLimits } from './node/fees.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export interface EvmSettings extends FeeLimits {
  /** Blocks on top of the one that holds a transaction before it counts as final. */
  readonly confirmations: number;
  /** How often the node is asked. */
  readonly pollMs: number;
  /** A transaction that is passed over for this long is replaced at a higher fee. */
  readonly raiseAfterMs: number;
  /** Nonces of one signer that may be open at a time. */
  readonly window: number;
  /** How much a venue is allowed to take: what the orders in flight need, or all there will ever be. */
  readonly allowance: 'exact' | 'unlimited';
}

/** What only the venue of an order can read from the chain. */
export interface VenueReader {
  /** @throws EffectError when the events show no fill */
  fillOf(
    venue: string,
    terms: OrderTerms,
    receipt: TransactionReceipt,
  ): { readonly executedSellAmount: string; readonly executedBuyAmount: string };
  failureOf(venue: string, revertData: Hex): Failure;
}

export interface EvmDeps {
  readonly chainId: number;
  readonly node: ChainNode;
  readonly ledger: SignerLedger;
  readonly signers: readonly TransactionSigner[];
  readonly venues: VenueReader;
  readonly settings: EvmSettings;
  readonly clock: Clock;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What it takes to see how a nonce was used: no key. */
export type AccountDeps = Pick<EvmDeps, 'chainId' | 'node' | 'ledger'> & {
  readonly settings: Pick<EvmSettings, 'confirmations'>;
};

/** Whose nonces: all that is asked of a signer who signs nothing. */
export type SignerIdentity = Pick<TransactionSigner, 'address'>;

/**
 * The account of no signer: it holds which chain the store belongs to. Signers' own accounts would not tell two private chains
 * apart, each of which has signers of its own.
 */
export function chainAccountId(chainId: number): string {
  return `${chainId}:chain`;
}

export function accountIdOf(chainId: number, address: Address): string {
  return `${chainId}:${address.toLowerCase()}`;
}
