import type { NonceReceipt } from '../../../machines/order/types.ts';
import type { NonceReservation, Receipt } from './ledger.ts';

/** What an order keeps of it. This chain counts no gas. */
export function nonceReceipt(
  { signer, nonce, epoch }: NonceReservation,
  { hash, kind, block, status }: Receipt,
): NonceReceipt {
  return { hash, signer, nonce, epoch, kind, block, status, gasUsed: null, paid: null };
}
