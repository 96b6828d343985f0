/** Errors of a caller that uses the ledger wrongly. */
import type { Attempt, ReservationOwner } from './ledger.ts';

export function noReservation(accountId: string, { orderId, epoch }: ReservationOwner): Error {
  return new Error(
    `account ${accountId}: order ${orderId} never had a reservation in epoch ${epoch}, expected one that was taken`,
  );
}

export function otherNonce({ hash, accountId, orderId, epoch, nonce }: Attempt, expected: number): Error {
  return new Error(
    `account ${accountId}: attempt ${hash} has nonce ${nonce}, the reservation of order ${orderId} in epoch ${epoch} has ${expected}`,
  );
}
