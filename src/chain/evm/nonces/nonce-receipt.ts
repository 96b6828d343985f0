/** What an order keeps of the receipt of the transaction that used its nonce: for people, no decision rests on it. */
import { hexToBigInt, isHex, type TransactionReceipt } from 'viem';
import { z } from 'zod';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { NonceReceipt } from '../../../../machines/order/types.ts';
import type { AttemptKind, NonceOutcome, NonceReservation } from '../../../store/ledger.ts';
import { asHex } from '../sign-and-store.ts';
import type { SignerAddress, SubmitterContext } from '../submitter-context.ts';

/** Beyond what viem's types say: old chains leave the price out, and rollups of the OP stack add what the data cost. */
const chargesSchema = z.looseObject({
  effectiveGasPrice: z.bigint().nullish(),
  l1Fee: z
    .union([
      z.bigint(),
      z
        .string()
        .refine(isHex)
        .transform((hex) => hexToBigInt(hex)),
    ])
    .nullish(),
});

type MinedReceipt = Pick<TransactionReceipt, 'transactionHash' | 'blockNumber' | 'status' | 'gasUsed'>;
type Reservation = Pick<NonceReservation, 'nonce' | 'epoch'>;

export function nonceReceipt(
  { address }: SignerAddress,
  { nonce, epoch }: Reservation,
  kind: AttemptKind,
  receipt: MinedReceipt,
): NonceReceipt {
  const { transactionHash: hash, blockNumber, status, gasUsed } = receipt;
  const { effectiveGasPrice, l1Fee } = chargesSchema.parse(receipt);
  const paid = effectiveGasPrice == null ? null : gasUsed * effectiveGasPrice + (l1Fee ?? 0n);
  return {
    hash,
    signer: address,
    nonce,
    epoch,
    kind: kind === 'swap' ? 'swap' : 'cancel',
    block: Number(blockNumber),
    status,
    gasUsed: gasUsed.toString(),
    paid: paid?.toString() ?? null,
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
    const receipt = await node.receipt(asHex(hash));
    return receipt === null ? {} : { receipt: nonceReceipt(signer, reservation, kind, receipt) };
  } catch (thrown) {
    if (thrown instanceof EffectError) return {};
    throw thrown;
  }
}
