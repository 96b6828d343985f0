/** What the parts of the submitter share. */
import type { Address, Hex, TransactionReceipt } from 'viem';
import type { Logger } from 'pino';
import type { Failure, Fill, OrderTerms } from '../../../machines/order/types.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import type { SignerLedger } from '../../store/ledger.ts';
import type { Clock } from '../../runtime/time.ts';
import type { ChainNode } from './node/chain-node.ts';
import type { FeeLimits } from './node/fees.ts';
import type { PendingApprovals } from './funds/pending-approvals.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export interface EvmSettings extends FeeLimits {
  /** Blocks on top of the one that holds a transaction before it counts as final. */
  readonly confirmations: number;
  /** `finalized`: what ends a nonce without a fill waits for the chain's own finality, too, where it has one. */
  readonly finality: 'finalized' | 'confirmations';
  /** Between two requests for the same fact. */
  readonly pollMs: number;
  /** A transaction that could be mined and is not for this long is replaced at a higher fee. */
  readonly raiseAfterMs: number;
  /** Nonces of one signer that may be open at a time. */
  readonly window: number;
  /** How much a venue's router may take: what the orders in flight need, or any amount. */
  readonly allowance: 'exact' | 'unlimited';
}

/** Decodes what only the order's venue understands. */
export interface ReceiptDecoder {
  /** What a mined swap moved. @throws EffectError where that cannot be read now */
  readFill(
    venue: string,
    terms: OrderTerms,
    receipt: TransactionReceipt,
  ): Promise<Omit<Fill, 'hash' | 'block'>>;
  decodeRevert(venue: string, revertData: Hex): Failure;
}

export interface SubmitterContext {
  readonly chainId: number;
  readonly node: ChainNode;
  readonly ledger: SignerLedger;
  readonly signers: readonly TransactionSigner[];
  readonly decoder: ReceiptDecoder;
  /** Address of a token by the name that an order gives it. Absent: signers are chosen whatever they hold. */
  readonly addressOf?: (symbolOrAddress: string) => string | null;
  readonly settings: EvmSettings;
  /** Absent: an order that looks for its approval after that was final does not find it. */
  readonly approvals?: PendingApprovals;
  readonly clock: Clock;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What is needed to see how a nonce was used: no key. */
export type AccountContext = Pick<SubmitterContext, 'chainId' | 'node' | 'ledger'> & {
  readonly settings: Pick<EvmSettings, 'confirmations' | 'finality'>;
};

/** A signer whose nonces are only read. */
export type SignerAddress = Pick<TransactionSigner, 'address'>;

/**
 * The account that holds which chain the store belongs to; it has no signer. The signers' accounts would not tell two private
 * chains apart, since each chain has other signers.
 */
export function chainAccountId(chainId: number): string {
  return `${chainId}:chain`;
}

export function accountIdOf(chainId: number, address: Address): string {
  return `${chainId}:${address.toLowerCase()}`;
}
