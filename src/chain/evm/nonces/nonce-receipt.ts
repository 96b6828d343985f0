/** What an order keeps of the receipt of the transaction that used its nonce: for people, no decision rests on it. */
import type { TransactionReceipt } from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { NonceReceipt } from '../../../../machines/order/types.ts';
import { paidFor } from '../../../rpc/receipt-charges.ts';
import type { AttemptKind, NonceOutcome, NonceReservation } from '../../../store/ledger.ts';
import { asHex } from '../sign-and-store.ts';
import type { SignerAddress, SubmitterContext } from '../submitter-context.ts';

type MinedReceipt = Pick<TransactionReceipt, 'transactionHash' | 'blockNumber' | 'status' | 'gasUsed'>;
type Reservation = Pick<NonceReservation, 'nonce' | 'epoch'>;

export function nonceReceipt(
  { address }: SignerAddress,
  { nonce, epoch }: Reservation,
  kind: AttemptKind,
  receipt: MinedReceipt,
): NonceReceipt {
  const { transactionHash: hash, blockNumber, status, gasUsed } = receipt;
  return {
    hash,
    signer: address,
    nonce,
    epoch,
    kind: kind === 'swap' ? 'swap' : 'cancel',
    block: Number(blockNumber),
    status,
    gasUsed: gasUsed.toString(),
    paid: paidFor(receipt)?.toString() ?? null,
  };
}

/** Of a reservation that is closed. Empty where the nonce was used by another transaction, or the node does not have the receipt now: an order does not wait for it. */
export async function receiptOfOutcome(
  { node }: Pick<SubmitterContext, 'node'>,
  signer: SignerAddress,
  reservation: Reservation,
  { hash, kind }: Pick<NonceOutcome, 'hash' | 'kind'>,
): Promise<{ readonly receipt?: NonceReceipt }> {
  if (kind === 'foreign') return {};
  try {
    const receipt = await node.minedReceipt(asHex(hash));
    return receipt === null ? {} : { receipt: nonceReceipt(signer, reservation, kind, receipt) };
  } catch (thrown) {
    if (thrown instanceof EffectError) return {};
    throw thrown;
  }
}
