/** Reading and writing the signer's document: a reservation's nonce is `base` plus its index. */
import { including, type Hash, type Signer, type NonceReservation } from './ledger-state.ts';

/** The reservation of a nonce; undefined where it left the document, or was never taken. */
export function reservationAt({ base, open }: Signer, nonce: number): NonceReservation | undefined {
  return open[nonce - base];
}

export function withReservation(signer: Signer, nonce: number, changed: NonceReservation): Signer {
  return { ...signer, open: signer.open.with(nonce - signer.base, changed) };
}

export function naming(reservation: NonceReservation, ...hashes: readonly Hash[]): NonceReservation {
  return { ...reservation, hashes: including(reservation.hashes, ...hashes) };
}
