/** Errors of whoever uses the ledger wrongly. */
import type { Attempt, SlotOwner } from './ledger.ts';

export function noSlot(lane: string, { orderId, epoch }: SlotOwner): Error {
  return new Error(
    `lane ${lane}: order ${orderId} never had a slot in epoch ${epoch}, expected one that was taken`,
  );
}

export function otherNonce({ hash, lane, orderId, epoch, nonce }: Attempt, expected: number): Error {
  return new Error(
    `lane ${lane}: attempt ${hash} has nonce ${nonce}, the slot of order ${orderId} in epoch ${epoch} has ${expected}`,
  );
}
